//! The engine's port over the two rings: commands come out of one, events go into the other.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::{Buf, Bytes};
use dodici_engine::command::Command;
use dodici_engine::engine::Port;
use dodici_engine::event::Event;
use dodici_engine::message::{ExchangeId, ResponseHead, Timings};
use dodici_engine::slab::Slab;
use dodici_ring::{Consumer, Corrupt, Pending, Producer};

use crate::bell::Bell;
use crate::completion::{Encoder, Record};
use crate::layout::{SLAB_FRACTION, SLAB_OCTETS};
use crate::slabs::Slabs;
use crate::submission;
use crate::trays::Trays;

/// The largest body that travels in one record with its head: one copy out of shared memory then makes
/// the whole response, and `text()` and `json()` settle without stream machinery.
const INLINE_BODY: usize = 32 * 1024;

/// Octets of a piece that is worth a slab.
const LEAST: usize = (SLAB_OCTETS / SLAB_FRACTION) as usize;

/// The engine's side of the shared memory.
pub(crate) struct Rings {
    submissions: Consumer,
    completions: Producer,
    bell: Bell,
    closing: Arc<AtomicBool>,
    encoder: Encoder,
    slabs: Arc<Slabs>,
    trays: Arc<Trays>,
    /// Slabs were asked for, and none has come since.
    has_asked: bool,
    /// A response whose end may still come in this turn, so that it makes one record.
    held: Option<Held>,
    /// Records that found no room, in order. Bounded, because each exchange has a window.
    overflow: VecDeque<Overflow>,
}

/// A record that waits for room, or that is larger than the ring and goes into it bit by bit.
struct Overflow {
    payload: Vec<u8>,
    progress: Pending,
}

struct Held {
    exchange: ExchangeId,
    head: ResponseHead,
    timings: Timings,
    body: Bytes,
}

impl Rings {
    pub(crate) fn new(
        submissions: Consumer,
        completions: Producer,
        bell: Bell,
        closing: Arc<AtomicBool>,
        slabs: Arc<Slabs>,
        trays: Arc<Trays>,
    ) -> Self {
        Self {
            submissions,
            completions,
            bell,
            closing,
            encoder: Encoder::default(),
            slabs,
            trays,
            has_asked: false,
            held: None,
            overflow: VecDeque::new(),
        }
    }

    /// Writes what was held back as the separate events that it came in.
    fn let_go(&mut self) {
        let Some(Held { exchange, head, timings, body }) = self.held.take() else { return };
        self.write(&Event::Head { exchange, head, timings });
        if !body.is_empty() {
            self.data(exchange, body);
        }
    }

    /// A piece of a body: in slabs, as far as it is large and there are any, and else through the ring.
    fn data(&mut self, exchange: ExchangeId, mut bytes: Bytes) {
        while bytes.len() >= LEAST
            && let Some(mut slab) = self.slab(bytes.len())
        {
            let memory = (*slab).as_mut();
            let octets = bytes.len().min(memory.len());
            bytes.copy_to_slice(&mut memory[..octets]);
            self.landed(exchange, slab, octets, true);
        }
        if !bytes.is_empty() {
            self.write(&Event::Data { exchange, bytes });
        }
    }

    /// A piece of a body in a slab. A small one is copied out of it: its user would keep all of the memory for it.
    fn landed(&mut self, exchange: ExchangeId, slab: Box<dyn Slab>, octets: usize, is_low: bool) {
        if octets < (*slab).as_ref().len() / SLAB_FRACTION as usize {
            self.write(&Event::Landed { exchange, slab, octets, is_low });
        } else {
            put(&mut self.completions, &mut self.overflow, &self.encoder.landed(exchange, slab.give(), octets, is_low));
        }
    }

    fn write(&mut self, event: &Event) {
        put(&mut self.completions, &mut self.overflow, &self.encoder.event(event));
    }

    fn retry(&mut self) {
        while let Some(first) = self.overflow.front_mut() {
            if self.completions.resume(&mut first.progress, &[&first.payload]).is_err() {
                return;
            }
            self.overflow.pop_front();
        }
    }
}

fn put(completions: &mut Producer, overflow: &mut VecDeque<Overflow>, record: &Record<'_>) {
    if !overflow.is_empty() || completions.push(record.kind, &[record.head, record.body]).is_err() {
        overflow
            .push_back(Overflow { payload: [record.head, record.body].concat(), progress: Pending::new(record.kind) });
    }
}

impl Port for Rings {
    fn next_command(&mut self) -> Option<Command> {
        if self.closing.load(Ordering::Acquire) {
            return Some(Command::Shutdown);
        }
        loop {
            match self.submissions.pop() {
                Ok(Some(message)) => {
                    if let Some(command) = submission::decode(message.kind(), message.payload(), &self.trays) {
                        return Some(command);
                    }
                }
                Ok(None) => break,
                // Nobody but our own JavaScript writes there. The engine cannot go on, which is for its thread
                // to find out and to say: nobody's request may hang for it.
                Err(Corrupt) => panic!("the ring of submissions is corrupt"),
            }
        }
        if self.submissions.release() {
            self.bell.ring();
        }
        if !self.overflow.is_empty() {
            // What rang may have been room for the records that wait.
            self.flush();
        }
        None
    }

    fn sleep(&mut self) -> bool {
        self.submissions.sleep()
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Head { exchange, head, timings } => {
                self.let_go();
                self.held = Some(Held { exchange, head, timings, body: Bytes::new() });
            }
            Event::Data { exchange, bytes } => match &mut self.held {
                Some(held) if held.exchange == exchange && held.body.is_empty() && bytes.len() <= INLINE_BODY => {
                    held.body = bytes;
                }
                _ => {
                    self.let_go();
                    self.data(exchange, bytes);
                }
            },
            Event::Landed { exchange, slab, octets, is_low } => {
                self.let_go();
                self.landed(exchange, slab, octets, is_low);
            }
            Event::End { exchange, trailers, is_closing, timings } => match self.held.take() {
                Some(held) if held.exchange == exchange && trailers.lines.is_empty() => {
                    let record = self.encoder.response(exchange, &held.head, &held.body, is_closing, &timings);
                    put(&mut self.completions, &mut self.overflow, &record);
                }
                held => {
                    self.held = held;
                    self.let_go();
                    self.write(&Event::End { exchange, trailers, is_closing, timings });
                }
            },
            event => {
                self.let_go();
                self.write(&event);
            }
        }
    }

    fn slab(&mut self, most: usize) -> Option<Box<dyn Slab>> {
        if let Some(taken) = self.slabs.take(most) {
            self.has_asked = false;
            return Some(Box::new(taken));
        }
        if !self.has_asked {
            self.has_asked = true;
            put(&mut self.completions, &mut self.overflow, &self.encoder.slabs_wanted());
        }
        None
    }

    fn flush(&mut self) {
        self.let_go();
        loop {
            self.retry();
            if self.completions.publish() {
                self.bell.ring();
            }
            if self.overflow.is_empty() || self.completions.wait_for_room() {
                return;
            }
        }
    }
}
