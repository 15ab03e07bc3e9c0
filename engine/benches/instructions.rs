//! One piece of the engine's work, so many times and nothing else, for a tool that counts instructions:
//! `instructions NAME COUNT`. Without a name every piece is done once. `bench/instructions.sh` runs it.

mod subjects;

use std::hint::black_box;

use tokio::runtime::{Builder, LocalOptions};

use subjects::{
    PaperPool, Sessions, Wire, answer, answer_in_chunks, answer_with_fields, answers_with_fields, get, post,
};

/// What is done `count` times; each name is one request.
type Piece = fn(count: u32);

const PIECES: [(&str, Piece); 10] = [
    ("get", |count| exchanges(count, &answer(100))),
    ("get-20-fields", |count| exchanges(count, &answer_with_fields(100, 15))),
    ("get-new-head", |count| different_exchanges(count, 0)),
    ("get-20-new", |count| different_exchanges(count, 15)),
    ("get-64k", |count| exchanges(count, &answer(65536))),
    ("get-chunked", |count| exchanges(count, &answer_in_chunks(16, 100))),
    ("post-1k", |count| {
        let (mut wire, answer) = (Wire::new(), answer(100));
        (0..count).for_each(|_| assert_eq!(black_box(wire.exchange(&post(), &answer)), 100));
    }),
    ("pool-idle", |count| {
        let mut pool = PaperPool::new(50, 1);
        (0..count).for_each(|_| assert_eq!(black_box(pool.turn(1)), 1));
    }),
    ("pool-queued", |count| {
        // 500 at once; their number is that of the requests.
        let mut pool = PaperPool::new(50, 1);
        (0..count / 500).for_each(|_| assert_eq!(black_box(pool.turn(500)), 500));
    }),
    ("session", |count| {
        // 50 at once; their number is that of the requests.
        let runtime = Builder::new_current_thread().enable_time().build_local(LocalOptions::default());
        runtime.expect("a runtime").block_on(async {
            let mut sessions = Sessions::new(50, &answer(100));
            for _ in 0..count.div_ceil(50) {
                sessions.turn(50).await;
            }
        });
    }),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if let [name, count] = arguments.as_slice() {
        let (_, piece) = PIECES.iter().find(|(known, _)| known == name).expect("a piece of that name");
        piece(count.parse().expect("a number"));
        return;
    }
    PIECES.iter().for_each(|(_, piece)| piece(1));
}

fn exchanges(count: u32, answer: &[u8]) {
    let (mut wire, request) = (Wire::new(), get());
    (0..count).for_each(|_| {
        black_box(wire.exchange(&request, answer));
    });
}

/// The same, but no head is one that the connection knows.
fn different_exchanges(count: u32, fields: usize) {
    let (mut wire, request) = (Wire::new(), get());
    let answers = answers_with_fields(100, fields);
    for answer in answers.iter().cycle().take(count as usize) {
        black_box(wire.exchange(&request, answer));
    }
}
