//! What takes the registry, and the same without it.

mod entries {
    include!(concat!(env!("OUT_DIR"), "/1024.rs"));
}

use std::hint::black_box;

use divan::{Bencher, Divan};
use entries::IDENTIFIERS;
use ps_serialize::__private::registry_of;
use ps_serialize::{Identifier, registry};
use ps_serialize_benches::identifiers;

const TEXT: &[u8] = b"US\nhello";

fn main() {
    assert!(registry().iter().len() > IDENTIFIERS.len());
    // These calls are short, and divan's own guess comes from the first, slow ones.
    Divan::default().sample_size(1000).config_with_args().main();
}

/// What is returned is dropped inside the measured time. The first calls are slow.
fn measure<R>(bencher: Bencher, mut call: impl FnMut() -> R) {
    (0..10_000).for_each(|_| drop(black_box(call())));
    bencher.bench_local(|| drop(black_box(call())));
}

/// Another one each time.
#[divan::bench(args = [8, 64, 1024, 16384])]
fn find_two_bytes_of_all(bencher: Bencher, entries: usize) {
    let identifiers = &identifiers()[..entries];
    let registry = registry_of::<String>(identifiers.iter().map(|two| Identifier::new(two)));
    let mut next = identifiers.iter().cycle();
    measure(bencher, || registry.find(next.next().unwrap()).is_ok());
}

#[divan::bench]
fn find_two_bytes(bencher: Bencher) {
    measure(bencher, || registry().find(black_box(b"US")).is_ok());
}

#[divan::bench]
fn find_eight_bytes(bencher: Bencher) {
    measure(bencher, || registry().find(black_box(b"particle")).is_ok());
}

#[divan::bench]
fn text_deserialize_any(bencher: Bencher) {
    measure(bencher, || ps_serialize::deserialize_any(black_box(TEXT)));
}

#[divan::bench]
fn text_deserialize(bencher: Bencher) {
    measure(bencher, || ps_serialize::deserialize::<String>(black_box(TEXT)));
}

#[divan::bench]
fn text_view(bencher: Bencher) {
    measure(bencher, || ps_serialize::deserialize::<&str>(black_box(TEXT)).is_ok());
}

#[divan::bench]
fn text_serialize_any(bencher: Bencher) {
    let text = String::from("hello");
    measure(bencher, || ps_serialize::serialize_any(black_box(&text)));
}

#[divan::bench]
fn text_serialize(bencher: Bencher) {
    let text = String::from("hello");
    measure(bencher, || ps_serialize::serialize(black_box(&text)));
}
