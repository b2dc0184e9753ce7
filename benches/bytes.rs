//! Bytes: how near to a memory copy, and what takes the same time at every size.

use std::hint::black_box;
use std::io::Read;
use std::time::Duration;

use divan::counter::BytesCount;
use divan::{Bencher, Divan};
use ps_serialize_benches::bytes;

const SIZES: [usize; 4] = [1 << 10, 64 << 10, 1 << 20, 100 << 20];

fn main() {
    Divan::default().max_time(Duration::from_secs(1)).config_with_args().main();
}

/// What is returned is dropped inside the measured time, so that the allocator is in the same
/// state for every call. The first call is slow, and would let divan take too few of the others.
fn measure<R>(bencher: Bencher, size: usize, mut call: impl FnMut() -> R) {
    drop(black_box(call()));
    bencher.counter(BytesCount::new(size)).bench_local(|| drop(black_box(call())));
}

#[divan::bench(args = SIZES)]
fn copy_into_touched(bencher: Bencher, size: usize) {
    let (value, mut touched) = (bytes(size), vec![1; size]);
    measure(bencher, size, || {
        touched.copy_from_slice(black_box(&value));
        black_box(touched.as_ptr());
    });
}

#[divan::bench(args = SIZES)]
fn copy_into_fresh(bencher: Bencher, size: usize) {
    let value = bytes(size);
    measure(bencher, size, || black_box(&value).clone());
}

#[divan::bench(args = SIZES)]
fn read_to_end(bencher: Bencher, size: usize) {
    let frame = ps_serialize::serialize(&bytes(size)).unwrap();
    measure(bencher, size, || {
        let mut read = Vec::new();
        black_box(&frame[..]).read_to_end(&mut read).unwrap();
        read
    });
}

#[divan::bench(args = SIZES)]
fn serialize(bencher: Bencher, size: usize) {
    let value = bytes(size);
    measure(bencher, size, || ps_serialize::serialize(black_box(&value)).unwrap());
}

#[divan::bench(args = SIZES)]
fn serialize_into(bencher: Bencher, size: usize) {
    let (value, mut buffer) = (bytes(size), Vec::new());
    measure(bencher, size, || {
        buffer.clear();
        ps_serialize::serialize_into(black_box(&value), &mut buffer).unwrap();
        black_box(buffer.as_ptr());
    });
}

#[divan::bench(args = SIZES)]
fn parts(bencher: Bencher, size: usize) {
    let value = bytes(size);
    measure(bencher, size, || ps_serialize::parts(black_box(&value)).unwrap());
}

#[divan::bench(args = SIZES)]
fn read_frame_of_known_size(bencher: Bencher, size: usize) {
    let frame = ps_serialize::serialize(&bytes(size)).unwrap();
    measure(bencher, size, || {
        ps_serialize::read_frame(black_box(&frame[..]), Some(frame.len())).unwrap()
    });
}

#[divan::bench(args = SIZES)]
fn read_frame_of_unknown_size(bencher: Bencher, size: usize) {
    let frame = ps_serialize::serialize(&bytes(size)).unwrap();
    measure(bencher, size, || ps_serialize::read_frame(black_box(&frame[..]), None).unwrap());
}

#[divan::bench(args = SIZES)]
fn deserialize(bencher: Bencher, size: usize) {
    let frame = ps_serialize::serialize(&bytes(size)).unwrap();
    measure(bencher, size, || ps_serialize::deserialize::<Vec<u8>>(black_box(&frame)).unwrap());
}

#[divan::bench(args = SIZES)]
fn view(bencher: Bencher, size: usize) {
    let frame = ps_serialize::serialize(&bytes(size)).unwrap();
    measure(bencher, size, || ps_serialize::view::<&[u8]>(black_box(&frame)).unwrap());
}
