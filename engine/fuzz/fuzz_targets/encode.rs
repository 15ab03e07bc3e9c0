//! Requests of every kind, in any order of calls and with any content, ended, failed or given up anywhere: a
//! reader of its own sees one request for each that was sent, with its content, and of one that did not
//! succeed no end.
#![no_main]

use std::io::{IoSlice, Write as _};

use bytes::{Bytes, BytesMut};
use dodici_engine::error::Error;
use dodici_engine::message::{Method, Request, RequestBody, RequestHead};
use dodici_engine::proto::h1::{Config, Connection, Output, Received};
use dodici_fuzz::plan::{exchange, keep_alive, now, plain};
use dodici_fuzz::request;
use libfuzzer_sys::fuzz_target;

const METHODS: [&[u8]; 6] = [b"GET", b"POST", b"PUT", b"HEAD", b"CONNECT", b"M-SEARCH"];
const TARGETS: [&[u8]; 4] = [b"/", b"/a?b=c%0d%0a", b"*", b"http://a/"];
const FIELDS: [&[u8]; 4] = [b"accept: */*", b"x:", b"X-Y: caf\xe9 \t!", b"expect-ct: 0"];
const ANSWERS: [&[u8]; 12] = [
    b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
    b"HTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\no",
    b"k",
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    b"HTTP/1.1 400 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\n\r\n",
    b"HTTP/1.1 101 Up\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nkeep-alive: timeout=0\r\ncontent-length: 0\r\n\r\n",
    b"HTTP/1.0 200 OK\r\n\r\n",
    b"?",
    b"HTTP/1.1 100 Continue\r\n\r\n",
];

fuzz_target!(|data: &[u8]| {
    let mut run = Run::new();
    let mut script = Script(data);
    while let Some(call) = script.octet() {
        match call & 15 {
            0..=2 => run.send(call, &mut script),
            3..=8 => run.send_chunk(&mut script),
            9..=10 => run.finish(),
            11 => run.disturb(&mut script),
            12 => run.drain(usize::from(call >> 4)),
            13 if call & 32 != 0 => run.send_content(),
            13 => run.connection.written(call & 16 != 0, now()),
            14 => run.hear(ANSWERS[usize::from(call >> 4) % ANSWERS.len()]),
            // Given up: its driver closes the connection, and nothing is written any more.
            _ => break,
        }
        run.check_state();
    }
    run.drain(usize::MAX);
    run.check();
});

/// The octets that the fuzzer gave.
struct Script<'a>(&'a [u8]);

impl Script<'_> {
    fn octet(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// Any octets. Few of them, or, to be written by reference, some repeated up to more than is copied.
    fn content(&mut self) -> Bytes {
        let size = self.octet().unwrap_or(0);
        let (octets, rest) = self.0.split_at(usize::from(size & 0x3f).min(self.0.len()));
        self.0 = rest;
        if size < 0xc0 || octets.is_empty() {
            return Bytes::copy_from_slice(octets);
        }
        Bytes::from(octets.repeat(4200 / octets.len()))
    }
}

/// What has to be read of a request.
struct Sent {
    /// The head that its caller wrote, and where the `connection` field goes.
    head: Bytes,
    connection_at: Option<usize>,
    body: Body,
    /// Content that has to be there.
    content: Vec<u8>,
    /// Whole content that waits for `100 (Continue)`.
    held: Option<Bytes>,
    /// The head has to be there. That of a stream is held back until there is some of it.
    has_begun: bool,
    progress: Progress,
}

#[derive(Clone, Copy)]
enum Body {
    /// Its framing is in the head.
    Whole,
    Stream {
        declared: Option<u64>,
        expects_content: bool,
    },
}

#[derive(Clone, Copy, PartialEq)]
enum Progress {
    Complete,
    /// A streamed body that may go on.
    Open,
    /// It has no end and gets none.
    Failed,
}

struct Run {
    connection: Connection,
    output: Output,
    input: BytesMut,
    wire: Vec<u8>,
    sent: Vec<Sent>,
    /// Over: what is called no longer has an effect.
    is_closed: bool,
}

impl Run {
    fn new() -> Self {
        let config = Config { max_header_size: 1024, max_response_size: None, keep_alive: keep_alive(0) };
        Self {
            connection: Connection::new(config, now()),
            output: Output::new(),
            input: BytesMut::new(),
            wire: Vec::with_capacity(1024),
            sent: Vec::new(),
            is_closed: false,
        }
    }

    fn send(&mut self, call: u8, script: &mut Script<'_>) {
        if !self.connection.accepts_requests() || self.connection.is_writing_body() {
            return;
        }
        let looks = script.octet().unwrap_or(0);
        let options = script.octet().unwrap_or(0);
        let method = METHODS[usize::from(looks & 0x1f) % METHODS.len()];
        let (body, sent_body) = match call & 15 {
            0 => (RequestBody::None, Body::Whole),
            1 => (RequestBody::Whole(script.content()), Body::Whole),
            _ => {
                let declared = (options & 8 != 0).then(|| u64::from(script.octet().unwrap_or(0)));
                let expects_content = options & 4 != 0;
                (RequestBody::Stream { declared, expects_content }, Body::Stream { declared, expects_content })
            }
        };
        let mut head = Vec::with_capacity(128);
        for part in [method, b" ", TARGETS[usize::from(options & 3)], b" HTTP/1.1\r\nhost: a\r\n"] {
            head.extend_from_slice(part);
        }
        let connection_at = (looks & 0x80 == 0).then_some(head.len());
        for field in &FIELDS[..usize::from(looks >> 5 & 3)] {
            head.extend_from_slice(field);
            head.extend_from_slice(b"\r\n");
        }
        let expect_continue = call & 32 != 0;
        let (content, held, progress) = match &body {
            RequestBody::None => (Vec::new(), None, Progress::Complete),
            RequestBody::Whole(content) => {
                write!(head, "content-length: {}\r\n", content.len()).expect("memory");
                match expect_continue {
                    true => (Vec::new(), Some(content.clone()), Progress::Open),
                    false => (content.to_vec(), None, Progress::Complete),
                }
            }
            RequestBody::Stream { .. } => (Vec::new(), None, Progress::Open),
        };
        let has_begun = expect_continue || matches!(sent_body, Body::Whole);
        let head = Bytes::from(head);
        let request = Request {
            method: match method {
                b"HEAD" => Method::Head,
                b"CONNECT" => Method::Connect,
                _ => Method::Other,
            },
            head: RequestHead { bytes: head.clone(), connection_at },
            body,
            upgrade: options & 0x10 != 0,
            reset: match options >> 5 & 3 {
                0 | 1 => None,
                2 => Some(true),
                _ => Some(false),
            },
            unexpected_content: options & 0x80 != 0,
            decoding: None,
            expect_continue,
            ..plain()
        };
        self.connection.send(exchange(self.sent.len()), &request, call & 16 != 0, now(), &mut self.output);
        self.sent.push(Sent { head, connection_at, body: sent_body, content, held, has_begun, progress });
    }

    /// The peer has asked for the content, or has been silent for too long.
    fn send_content(&mut self) {
        let before = self.output.len();
        self.connection.send_content(now(), &mut self.output);
        let held = self.sent.last_mut().filter(|_| !self.is_closed).and_then(|sent| {
            sent.progress = if sent.held.is_some() { Progress::Complete } else { sent.progress };
            sent.content.extend_from_slice(sent.held.as_deref().unwrap_or_default());
            sent.held.take()
        });
        assert_eq!(before + held.map_or(0, |held| held.len()), self.output.len(), "content that nobody asked for");
    }

    fn send_chunk(&mut self, script: &mut Script<'_>) {
        let bytes = script.content();
        let Some(slot) = self.sent.len().checked_sub(1) else { return };
        let before = self.output.len();
        let result = self.connection.send_chunk(exchange(slot), bytes.clone(), &mut self.output);
        let sent = &mut self.sent[slot];
        let is_void = self.is_closed || !sent.is_streaming() || bytes.is_empty();
        let len = (sent.content.len() + bytes.len()) as u64;
        let is_too_much = matches!(sent.body, Body::Stream { declared: Some(declared), .. } if len > declared);
        if !is_void && is_too_much {
            assert_eq!(result, Err(Error::RequestContentLengthMismatch));
            sent.progress = Progress::Failed;
            self.is_closed = true;
        } else {
            assert_eq!(result, Ok(()));
        }
        if is_void || is_too_much {
            assert_eq!(before, self.output.len(), "octets of a piece that is void");
        } else {
            sent.content.extend_from_slice(&bytes);
            sent.has_begun = true;
        }
    }

    /// Pieces and ends of exchanges that are not being written.
    fn disturb(&mut self, script: &mut Script<'_>) {
        let slot = usize::from(script.octet().unwrap_or(0));
        if slot + 1 == self.sent.len() {
            return;
        }
        let before = self.output.len();
        let bytes = Bytes::from_static(b"\r\n0\r\n\r\nGET /evil HTTP/1.1\r\n\r\n");
        assert_eq!(self.connection.send_chunk(exchange(slot), bytes, &mut self.output), Ok(()));
        assert_eq!(self.connection.finish_body(exchange(slot), now(), &mut self.output), Ok(()));
        assert_eq!(before, self.output.len(), "octets of another exchange");
    }

    fn finish(&mut self) {
        let Some(slot) = self.sent.len().checked_sub(1) else { return };
        let before = self.output.len();
        let result = self.connection.finish_body(exchange(slot), now(), &mut self.output);
        let sent = &mut self.sent[slot];
        if self.is_closed || !sent.is_streaming() {
            assert_eq!((result, before), (Ok(()), self.output.len()));
            return;
        }
        let len = sent.content.len() as u64;
        if matches!(sent.body, Body::Stream { declared: Some(declared), .. } if len != declared) {
            assert_eq!((result, before), (Err(Error::RequestContentLengthMismatch), self.output.len()));
            sent.progress = Progress::Failed;
            self.is_closed = true;
        } else {
            assert_eq!(result, Ok(()));
            sent.progress = Progress::Complete;
        }
    }

    /// The transport takes so much.
    fn drain(&mut self, mut octets: usize) {
        while octets > 0 && !self.output.is_empty() {
            let mut slices = [IoSlice::new(&[]); 2];
            let count = self.output.io_slices(&mut slices);
            let mut taken = 0;
            for slice in &slices[..count] {
                let part = slice.len().min(octets - taken);
                self.wire.extend_from_slice(&slice[..part]);
                taken += part;
            }
            assert!(taken > 0, "nothing to take from an output with something");
            self.output.advance(taken);
            octets -= taken;
        }
    }

    fn hear(&mut self, octets: &[u8]) {
        self.input.extend_from_slice(octets);
        while !self.is_closed {
            match self.connection.receive(&mut self.input, usize::MAX, now()) {
                Ok(None) => return,
                Ok(Some(Received::End { reuse, .. })) => self.is_closed = !reuse,
                Ok(Some(Received::Continue)) => self.send_content(),
                Ok(Some(Received::Upgraded(_))) | Err(_) => self.is_closed = true,
                Ok(Some(_)) => {}
            }
        }
    }

    fn check_state(&self) {
        let open = self.sent.last().filter(|sent| !self.is_closed && sent.progress == Progress::Open);
        assert!(!self.is_closed || !self.connection.accepts_requests(), "a closed connection takes requests");
        assert_eq!(self.connection.is_writing_body(), open.is_some());
        let has_sent_all = open.is_some_and(|sent| {
            let len = sent.content.len() as u64;
            sent.has_begun && matches!(sent.body, Body::Stream { declared: Some(declared), .. } if declared == len)
        });
        assert_eq!(self.connection.has_sent_declared_length(), has_sent_all);
    }

    /// Reads all that was written.
    fn check(&self) {
        let mut rest = &self.wire[..];
        for sent in &self.sent {
            if sent.progress != Progress::Complete && !sent.has_begun {
                break;
            }
            let request = request::read(rest);
            let says_close = sent.check_head(request.head);
            assert_eq!(request.content, sent.content, "other content");
            // An end that the length in the head makes needs no octets.
            let is_all_there = match sent.body {
                Body::Whole => sent.held.as_ref().is_none_or(Bytes::is_empty),
                Body::Stream { declared, .. } => declared == Some(sent.content.len() as u64),
            };
            let is_complete = sent.progress == Progress::Complete || is_all_there;
            assert_eq!(request.is_complete, is_complete, "an end that must not be, or none");
            rest = &rest[request.octets..];
            if sent.progress != Progress::Complete || says_close {
                break;
            }
        }
        assert!(rest.is_empty(), "octets behind the last request: {}", rest.escape_ascii());
    }
}

impl Sent {
    fn is_streaming(&self) -> bool {
        self.progress == Progress::Open && matches!(self.body, Body::Stream { .. })
    }

    /// The head is the caller's and what belongs into it; says whether the connection was to be closed.
    fn check_head(&self, head: &[u8]) -> bool {
        let framing = match self.body {
            Body::Stream { declared: Some(declared), .. } if self.has_begun => {
                format!("content-length: {declared}\r\n")
            }
            Body::Stream { declared: None, .. } if self.has_begun => "transfer-encoding: chunked\r\n".into(),
            Body::Stream { expects_content: true, .. } => "content-length: 0\r\n".into(),
            _ => String::new(),
        };
        let (before, behind) = self.head.split_at(self.connection_at.unwrap_or(0));
        let says_close = self.connection_at.is_some() && head[before.len()..].starts_with(b"connection: close\r\n");
        let connection: &[u8] = match self.connection_at {
            None => b"",
            Some(_) if says_close => b"connection: close\r\n",
            Some(_) => b"connection: keep-alive\r\n",
        };
        let mut rest = head;
        for part in [before, connection, behind, framing.as_bytes()] {
            rest = rest.strip_prefix(part).unwrap_or_else(|| panic!("another head: {}", head.escape_ascii()));
        }
        assert!(rest.is_empty(), "more in the head: {}", rest.escape_ascii());
        says_close
    }
}
