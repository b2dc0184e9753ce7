//! Records: what the frame, the sink and the bounds cost over the bare codec.

use std::hint::black_box;
use std::time::Duration;

use divan::counter::ItemsCount;
use divan::{Bencher, Divan};
use ps_serialize_benches::{Particle, Record, Series, WincodeParticle, WincodeSeries};

fn main() {
    Divan::default().max_time(Duration::from_secs(1)).config_with_args().main();
}

/// What is returned is dropped inside the measured time, so that the allocator is in the same
/// state for every call. The first calls are slow, and would let divan take too few of the others.
fn measure<T: Record, R>(bencher: Bencher, mut call: impl FnMut() -> R) {
    (0..10).for_each(|_| drop(black_box(call())));
    bencher.counter(ItemsCount::new(T::NUMBERS)).bench_local(|| drop(black_box(call())));
}

/// The bare codec.
#[divan::bench(types = [Particle, WincodeParticle, Series, WincodeSeries])]
fn encode<T: Record>(bencher: Bencher) {
    let record = T::sample();
    measure::<T, _>(bencher, || black_box(&record).encode());
}

#[divan::bench(types = [Particle, WincodeParticle, Series, WincodeSeries])]
fn serialize<T: Record>(bencher: Bencher) {
    let record = T::sample();
    measure::<T, _>(bencher, || ps_serialize::serialize(black_box(&record)).unwrap());
}

#[divan::bench(types = [Particle, WincodeParticle, Series, WincodeSeries])]
fn serialize_into<T: Record>(bencher: Bencher) {
    let (record, mut buffer) = (T::sample(), Vec::new());
    measure::<T, _>(bencher, || {
        buffer.clear();
        ps_serialize::serialize_into(black_box(&record), &mut buffer).unwrap();
        black_box(buffer.as_ptr());
    });
}

/// The bare codec.
#[divan::bench(types = [Particle, WincodeParticle, Series, WincodeSeries])]
fn decode<T: Record>(bencher: Bencher) {
    let payload = T::sample().encode();
    measure::<T, _>(bencher, || T::decode(black_box(&payload)));
}

#[divan::bench(types = [Particle, WincodeParticle, Series, WincodeSeries])]
fn deserialize<T: Record>(bencher: Bencher) {
    let frame = ps_serialize::serialize(&T::sample()).unwrap();
    measure::<T, _>(bencher, || ps_serialize::deserialize::<T>(black_box(&frame)).unwrap());
}

#[divan::bench(types = [Particle, WincodeParticle, Series, WincodeSeries])]
fn deserialize_any<T: Record>(bencher: Bencher) {
    let frame = ps_serialize::serialize(&T::sample()).unwrap();
    measure::<T, _>(bencher, || ps_serialize::deserialize_any(black_box(&frame)).unwrap());
}
