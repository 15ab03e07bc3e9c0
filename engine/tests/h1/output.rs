//! The bytes that are to be written: order, and what a partial write leaves.

use std::io::IoSlice;

use bytes::Bytes;
use dodici_engine::proto::h1::Output;

/// All that is to be written, and in how many pieces.
fn content(output: &Output) -> (Vec<u8>, usize) {
    let mut slices = [IoSlice::new(&[]); 8];
    let count = output.io_slices(&mut slices);
    (slices[..count].iter().flat_map(|slice| slice.to_vec()).collect(), count)
}

#[test]
fn a_part_is_copied_or_kept_as_the_whole_would_be() {
    let mut output = Output::new();
    output.push_from(&Bytes::from_static(b"not this: head"), 10);
    let large = Bytes::from(vec![b'x'; 5000]);
    output.push_from(&large, 1);
    output.push_from(&large, 5000);
    let mut slices = [IoSlice::new(&[]); 4];
    assert_eq!((output.len(), output.io_slices(&mut slices)), (5003, 2));
    assert_eq!(&slices[0][..], b"head");
    assert_eq!(slices[1].as_ptr(), large[1..].as_ptr());
}

#[test]
fn small_pieces_are_written_as_one() {
    let mut output = Output::new();
    output.push(b"head");
    output.push_bytes(Bytes::from_static(b"body"));
    assert_eq!(content(&output), (b"headbody".to_vec(), 1));
}

#[test]
fn a_large_piece_is_not_copied() {
    let large = Bytes::from(vec![b'x'; 100_000]);
    let mut output = Output::new();
    output.push(b"a");
    output.push_bytes(large.clone());
    output.push(b"b");
    let mut slices = [IoSlice::new(&[]); 8];
    assert_eq!(output.io_slices(&mut slices), 3);
    assert_eq!(slices[1].as_ptr(), large.as_ptr());
    assert_eq!(output.len(), 100_002);
}

#[test]
fn a_partial_write_leaves_the_rest_in_order() {
    let expected = [&b"ab"[..], &[b'x'; 5000], b"c", &[b'y'; 5000], b"d"].concat();
    for step in [1, 2, 3, 4999, 5003, 10_004] {
        let mut output = Output::new();
        output.push(b"ab");
        output.push_bytes(Bytes::from(vec![b'x'; 5000]));
        output.push(b"c");
        output.push_bytes(Bytes::from(vec![b'y'; 5000]));
        output.push(b"d");
        let mut written = Vec::new();
        while !output.is_empty() {
            let (content, _) = content(&output);
            let taken = step.min(content.len());
            written.extend_from_slice(&content[..taken]);
            output.advance(taken);
        }
        assert_eq!(written, expected, "{step}");
    }
}

#[test]
fn more_pieces_than_slices_are_written_in_turns() {
    let mut output = Output::new();
    output.push_bytes(Bytes::from(vec![b'x'; 5000]));
    output.push_bytes(Bytes::from(vec![b'y'; 5000]));
    let mut slices = [IoSlice::new(&[]); 1];
    assert_eq!(output.io_slices(&mut slices), 1);
    assert_eq!(slices[0].len(), 5000);
}
