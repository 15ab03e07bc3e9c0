//! The ring under every interleaving that loom's memory model allows:
//! `RUSTFLAGS="--cfg loom" cargo test -p dodici-ring --release --test loom`.
//!
//! A lost wake-up shows as a deadlock, a payload that is read too early or overwritten too early as a race.
#![cfg(loom)]

use std::sync::Arc;

use dodici_ring::{Consumer, Full, Pending, Producer, ring};
use loom::sync::{Condvar, Mutex};
use loom::thread;

/// What one side rings and the other waits for. A bell that nobody waits for yet is not forgotten.
#[derive(Default)]
struct Bell {
    rung: Mutex<bool>,
    changed: Condvar,
}

impl Bell {
    fn ring(&self) {
        *self.rung.lock().unwrap() = true;
        self.changed.notify_one();
    }

    fn wait(&self) {
        let mut rung = self.rung.lock().unwrap();
        while !*rung {
            rung = self.changed.wait(rung).unwrap();
        }
        *rung = false;
    }
}

/// The two bells of a ring.
#[derive(Default)]
struct Bells {
    published: Bell,
    room: Bell,
}

impl Bells {
    fn publish(&self, producer: &mut Producer) {
        if producer.publish() {
            self.published.ring();
        }
    }

    fn release(&self, consumer: &mut Consumer) {
        if consumer.release() {
            self.room.ring();
        }
    }

    fn wait_for_room(&self, producer: &mut Producer) {
        self.publish(producer);
        if producer.wait_for_room() {
            self.room.wait();
        }
    }

    /// The next message, as it is in an event loop: all there is, then give back, then sleep.
    fn next(&self, consumer: &mut Consumer) -> (u16, Vec<u8>) {
        loop {
            if let Some(message) = consumer.pop().unwrap() {
                return (message.kind(), message.payload().to_vec());
            }
            self.release(consumer);
            if consumer.sleep() {
                self.published.wait();
            }
        }
    }
}

fn model(check: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(check);
}

#[test]
fn a_consumer_that_falls_asleep_is_woken_for_each_publication() {
    model(|| {
        let (mut producer, mut consumer) = ring(128);
        let bells = Arc::new(Bells::default());
        let writer = thread::spawn({
            let bells = Arc::clone(&bells);
            move || {
                for kind in 1..=2 {
                    producer.push(kind, &[&[kind as u8; 8]]).unwrap();
                    bells.publish(&mut producer);
                }
            }
        });
        for kind in 1..=2 {
            assert_eq!(bells.next(&mut consumer), (kind, vec![kind as u8; 8]));
        }
        writer.join().unwrap();
        assert_eq!(consumer.pop(), Ok(None));
    });
}

#[test]
fn what_is_published_is_complete_and_in_order() {
    model(|| {
        let (mut producer, mut consumer) = ring(128);
        let writer = thread::spawn(move || {
            producer.push(1, &[b"one"]).unwrap();
            let _ = producer.publish();
            producer.push(2, &[b"two"]).unwrap();
            producer.push(3, &[]).unwrap();
            let _ = producer.publish();
        });
        let mut kinds = Vec::new();
        for _ in 0..2 {
            while let Some(message) = consumer.pop().unwrap() {
                let expected: &[u8] = [b"one".as_slice(), b"two", b""][kinds.len()];
                assert_eq!(message.payload(), expected);
                kinds.push(message.kind());
            }
            let _ = consumer.release();
            thread::yield_now();
        }
        assert!([&[][..], &[1], &[1, 2, 3]].contains(&&kinds[..]), "{kinds:?}");
        writer.join().unwrap();
    });
}

#[test]
fn a_producer_that_waits_for_room_is_woken_and_overwrites_nothing_that_is_still_read() {
    model(|| {
        let (mut producer, mut consumer) = ring(128);
        let bells = Arc::new(Bells::default());
        // Seven of the eight places of 16 octets are taken before the race begins.
        for kind in 0..7 {
            producer.push(kind, &[&[kind as u8; 8]]).unwrap();
        }
        let writer = thread::spawn({
            let bells = Arc::clone(&bells);
            move || {
                for kind in 7..10 {
                    while producer.push(kind, &[&[kind as u8; 8]]) == Err(Full) {
                        bells.wait_for_room(&mut producer);
                    }
                }
                bells.publish(&mut producer);
            }
        });
        for kind in 0..10 {
            assert_eq!(bells.next(&mut consumer), (kind, vec![kind as u8; 8]));
        }
        writer.join().unwrap();
    });
}

#[test]
fn a_message_larger_than_the_ring_gets_through_while_both_sides_wait_for_each_other() {
    model(|| {
        let (mut producer, mut consumer) = ring(128);
        let bells = Arc::new(Bells::default());
        let octets: Vec<u8> = (0..76).collect();
        let writer = thread::spawn({
            let (bells, octets) = (Arc::clone(&bells), octets.clone());
            move || {
                let mut pending = Pending::new(4);
                while producer.resume(&mut pending, &[&octets]) == Err(Full) {
                    bells.wait_for_room(&mut producer);
                }
                bells.publish(&mut producer);
            }
        });
        assert_eq!(bells.next(&mut consumer), (4, octets));
        writer.join().unwrap();
    });
}
