//! A stand-in for the sessions, for the bench of the bridge (`npm run bench:bridge`): every request is
//! answered at once with the same response. Only built with the feature `echo`.

use bytes::Bytes;
use dodici_engine::command::Command;
use dodici_engine::engine::{self, Doorbell, Port};
use dodici_engine::event::Event;
use dodici_engine::message::{Field, Fields, ResponseHead, Timings};

/// Runs on the engine's own loop, so that waking and sleeping cost what they cost in earnest.
pub(crate) fn run(port: impl Port + 'static, doorbell: Doorbell) -> std::io::Result<()> {
    engine::run(Echo { port, head: head(), body: Bytes::from(vec![b'x'; 104]) }, doorbell)
}

struct Echo<P> {
    port: P,
    head: ResponseHead,
    body: Bytes,
}

impl<P: Port> Port for Echo<P> {
    fn next_command(&mut self) -> Option<Command> {
        while let Some(command) = self.port.next_command() {
            match command {
                Command::Dispatch { exchange, .. } => {
                    let (head, timings) = (self.head.clone(), Timings::default());
                    self.port.event(Event::Head { exchange, head, timings });
                    self.port.event(Event::Data { exchange, bytes: self.body.clone() });
                    let trailers = Fields::default();
                    self.port.event(Event::End { exchange, trailers, is_closing: false, timings });
                }
                Command::Shutdown => return Some(command),
                _ => {}
            }
        }
        self.port.flush();
        None
    }

    fn sleep(&mut self) -> bool {
        self.port.sleep()
    }

    fn event(&mut self, event: Event) {
        self.port.event(event);
    }

    fn flush(&mut self) {
        self.port.flush();
    }
}

/// What nginx says of a small JSON file: some 150 octets.
fn head() -> ResponseHead {
    const LINES: [(&str, &str); 6] = [
        ("Server", "nginx/1.22.1"),
        ("Date", "Fri, 20 Nov 2026 08:00:00 GMT"),
        ("Content-Type", "application/json"),
        ("Content-Length", "104"),
        ("Connection", "keep-alive"),
        ("ETag", "\"691ecf00-68\""),
    ];
    let mut text = String::from("OK");
    let mut lines = Vec::new();
    for (name, value) in LINES {
        let start = text.len() as u32;
        text.push_str(name);
        let middle = text.len() as u32;
        text.push_str(value);
        lines.push(Field { name: start..middle, value: middle..text.len() as u32 });
    }
    ResponseHead { status: 200, reason: 0..2, fields: Fields { bytes: Bytes::from(text), lines }, is_decoded: false }
}
