//! The engine's own work, by pieces: requests into bytes, bytes into answers, and who gets which session.
//!
//! `cargo bench -p dodici-engine --bench engine`

mod subjects;

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use tokio::runtime::{Builder, LocalOptions};

use subjects::{
    PaperPool, Sessions, Wire, answer, answer_in_chunks, answer_with_fields, answers_with_fields, get, post,
};

fn main() {
    divan::main();
}

/// A request into bytes, on a fresh connection.
#[divan::bench(args = ["get", "post"])]
fn encode(bencher: Bencher<'_, '_>, name: &str) {
    let request = if name == "get" { get() } else { post() };
    bencher.with_inputs(Wire::new).bench_refs(|wire| wire.send(&request));
}

/// A request, and its answer with so many octets.
#[divan::bench(args = [0, 100, 65536])]
fn exchange(bencher: Bencher<'_, '_>, octets: usize) {
    whole_exchange(bencher, &answer(octets));
}

/// A request, and its answer of 100 octets with so many fields more.
#[divan::bench(args = [10, 50])]
fn fields(bencher: Bencher<'_, '_>, fields: usize) {
    whole_exchange(bencher, &answer_with_fields(100, fields));
}

/// The same, but no head is one that the connection knows.
#[divan::bench(args = [10, 50])]
fn new_fields(bencher: Bencher<'_, '_>, fields: usize) {
    let (mut wire, request) = (Wire::new(), get());
    let answers = answers_with_fields(100, fields);
    let mut next = answers.iter().cycle();
    bencher.bench_local(|| next.next().map(|answer| wire.exchange(&request, answer)));
}

/// A request, and its answer in 16 chunks of so many octets.
#[divan::bench(args = [1, 100, 4096])]
fn chunked(bencher: Bencher<'_, '_>, octets: usize) {
    whole_exchange(bencher, &answer_in_chunks(16, octets));
}

fn whole_exchange(bencher: Bencher<'_, '_>, answer: &[u8]) {
    let (mut wire, request) = (Wire::new(), get());
    bencher.counter(BytesCount::new(answer.len())).bench_local(|| wire.exchange(&request, answer));
}

/// So many requests at once for a pool of 50 sessions, each answered at once.
#[divan::bench(args = [1, 50, 500])]
fn pool(bencher: Bencher<'_, '_>, requests: u32) {
    let mut pool = PaperPool::new(50, 1);
    bencher.counter(ItemsCount::new(requests)).bench_local(|| pool.turn(requests));
}

/// The same with ten requests on each session.
#[divan::bench(args = [50, 500])]
fn pipelining_pool(bencher: Bencher<'_, '_>, requests: u32) {
    let mut pool = PaperPool::new(50, 10);
    bencher.counter(ItemsCount::new(requests)).bench_local(|| pool.turn(requests));
}

/// So many requests at once over 50 sessions with their tasks, without sockets.
#[divan::bench(args = [1, 50])]
fn sessions(bencher: Bencher<'_, '_>, requests: u32) {
    let runtime = Builder::new_current_thread().enable_time().build_local(LocalOptions::default()).expect("a runtime");
    let mut sessions = Sessions::new(50, &answer(100));
    bencher.counter(ItemsCount::new(requests)).bench_local(|| runtime.block_on(sessions.turn(requests)));
}
