//! The ways in which a proxy is asked for a tunnel: bytes and instants in, bytes and an outcome out.

mod socks5;
mod tunnel;

use std::io::IoSlice;

use dodici_engine::proto::h1::Output;

/// What was written since the last call.
fn written(output: &mut Output) -> Vec<u8> {
    let mut octets = Vec::new();
    while !output.is_empty() {
        let mut slices = [IoSlice::new(&[]); 4];
        let count = output.io_slices(&mut slices);
        let front: Vec<u8> = slices[..count].iter().flat_map(|slice| slice.to_vec()).collect();
        output.advance(front.len());
        octets.extend(front);
    }
    octets
}
