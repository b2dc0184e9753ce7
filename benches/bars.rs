//! The bars of records, bytes, text and the registry.

mod entries {
    include!(concat!(env!("OUT_DIR"), "/1024.rs"));
}

use std::cell::Cell;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Duration;

use entries::IDENTIFIERS;
use ps_serialize::{deserialize, deserialize_any, parts, registry, serialize, view};
use ps_serialize_benches::bars::Measure::{Added, Ratio, Time};
use ps_serialize_benches::bars::{Bar, Contender, measure, quick, report};
use ps_serialize_benches::{Particle, Record, WincodeParticle, bytes};

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

const BARS: [Bar; 14] = [
    Bar {
        name: "64-byte record, bincode: `serialize` adds",
        limit: 20.0,
        measure: Added { by: "bincode serialize", to: "bincode encode" },
    },
    Bar {
        name: "64-byte record, bincode: `deserialize` adds",
        limit: 20.0,
        measure: Added { by: "bincode deserialize", to: "bincode decode" },
    },
    Bar {
        name: "64-byte record, wincode: `serialize` adds",
        limit: 20.0,
        measure: Added { by: "wincode serialize", to: "wincode encode" },
    },
    Bar {
        name: "64-byte record, wincode: `deserialize` adds",
        limit: 20.0,
        measure: Added { by: "wincode deserialize", to: "wincode decode" },
    },
    Bar {
        name: "`find` among 1,024: another identifier each time",
        limit: 5.0,
        measure: Time("find any"),
    },
    Bar {
        name: "`find` among 1,024: always the same identifier",
        limit: 5.0,
        measure: Time("find one"),
    },
    Bar {
        name: "`deserialize_any` of five-byte text",
        limit: 50.0,
        measure: Time("text deserialize_any"),
    },
    Bar {
        name: "1 MiB of bytes: `serialize` over `to_vec`",
        limit: 1.1,
        measure: Ratio { of: "1 MiB serialize", to: "1 MiB to_vec" },
    },
    Bar { name: "`parts` of 1 KiB", limit: 200.0, measure: Time("1 KiB parts") },
    Bar { name: "`parts` of 100 MiB", limit: 200.0, measure: Time("100 MiB parts") },
    Bar {
        name: "`parts`: 100 MiB over 1 KiB",
        limit: 1.1,
        measure: Ratio { of: "100 MiB parts", to: "1 KiB parts" },
    },
    Bar { name: "`view` of 1 KiB", limit: 200.0, measure: Time("1 KiB view") },
    Bar { name: "`view` of 100 MiB", limit: 200.0, measure: Time("100 MiB view") },
    Bar {
        // Both are less than the clock resolves: a ratio would be noise.
        name: "`view`: 100 MiB adds to 1 KiB",
        limit: 5.0,
        measure: Added { by: "100 MiB view", to: "1 KiB view" },
    },
];

fn contenders() -> Vec<Contender> {
    let mut all = Vec::new();
    records::<Particle>(
        &mut all,
        ["bincode encode", "bincode serialize", "bincode decode", "bincode deserialize"],
    );
    records::<WincodeParticle>(
        &mut all,
        ["wincode encode", "wincode serialize", "wincode decode", "wincode deserialize"],
    );

    let (order, at) = (shuffled(), Cell::new(0));
    all.push(Contender::new("find any", move || {
        at.set((at.get() + 1) % order.len());
        registry().find(order[at.get()]).unwrap()
    }));
    all.push(Contender::new("find one", || registry().find(black_box(b"US")).unwrap()));
    all.push(Contender::new("text deserialize_any", || {
        deserialize_any(black_box(b"US\nhello")).unwrap()
    }));

    let value: &[u8] = bytes(MIB).leak();
    all.push(Contender::new("1 MiB to_vec", move || black_box(value).to_vec()));
    all.push(Contender::new("1 MiB serialize", move || serialize(black_box(value)).unwrap()));

    let small: &[u8] = bytes(KIB).leak();
    let large: &[u8] = bytes(100 * MIB).leak();
    all.push(Contender::new("1 KiB parts", move || parts(black_box(small)).unwrap()));
    all.push(Contender::new("100 MiB parts", move || parts(black_box(large)).unwrap()));
    let small = serialize(small).unwrap();
    let large = serialize(large).unwrap();
    all.push(Contender::new("1 KiB view", move || view::<&[u8]>(black_box(&small)).unwrap().len()));
    all.push(Contender::new("100 MiB view", move || {
        view::<&[u8]>(black_box(&large)).unwrap().len()
    }));
    all
}

fn records<T: Record>(all: &mut Vec<Contender>, names: [&'static str; 4]) {
    let (a, b) = (T::sample(), T::sample());
    let (payload, frame) = (a.encode(), serialize(&a).unwrap());
    assert_eq!(payload.len(), 64);
    all.push(Contender::new(names[0], move || black_box(&a).encode()));
    all.push(Contender::new(names[1], move || serialize(black_box(&b)).unwrap()));
    all.push(Contender::new(names[2], move || T::decode(black_box(&payload))));
    all.push(Contender::new(names[3], move || deserialize::<T>(black_box(&frame)).unwrap()));
}

/// In the order that the data of all runs gives.
fn shuffled() -> Vec<&'static [u8]> {
    let keys = bytes(8 * IDENTIFIERS.len());
    let mut keyed: Vec<_> = keys.chunks(8).zip(IDENTIFIERS).collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, identifier)| identifier).collect()
}

/// glibc maps blocks above a threshold, which it raises to the size of any mapped block that is
/// freed. Both sides of a comparison are to get their memory in one way.
fn raise_the_threshold_for_mapped_blocks() {
    drop(black_box(vec![1_u8; 8 * MIB]));
}

fn main() -> ExitCode {
    assert!(registry().iter().len() >= 1024);
    raise_the_threshold_for_mapped_blocks();
    let (rounds, moment) =
        if quick() { (21, Duration::from_micros(200)) } else { (501, Duration::from_micros(500)) };
    report(BARS, &measure(contenders(), rounds, moment))
}
