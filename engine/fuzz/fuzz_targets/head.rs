//! Any octets as an answer: no panic, no endless loop, and the limits are kept. What is true of any answer
//! is checked by the client.
#![no_main]

use dodici_fuzz::client::{Client, Step};
use dodici_fuzz::plan::Plan;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some(plan) = Plan::read(data) else { return };
    let mut client = Client::new(&plan);
    // Whole, or in pieces of one size; not too many of them.
    let piece = match plan.spare[0] {
        0 => plan.wire.len(),
        size => usize::from(size).max(plan.wire.len() / 128),
    };
    // Each step takes an octet or ends a response; the last may do neither.
    let mut steps_left = plan.wire.len() + plan.plain + 2;
    while client.is_open {
        client.hear(piece);
        while let Step::Received(_) = client.step(usize::MAX) {
            assert!(steps_left > 0, "steps without end");
            steps_left -= 1;
        }
        if client.has_heard_all() {
            break;
        }
    }
    if client.is_open && plan.closes {
        client.end();
        assert!(!client.connection.accepts_requests());
    }
});
