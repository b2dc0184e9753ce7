//! The promises about speed, each measured beside what it is compared with, in one run.
//!
//! Every round times every contender for a moment, in turn, so that a slow spell of the machine
//! meets all of them. What two contenders differ by is taken within a round.

mod entries {
    include!(concat!(env!("OUT_DIR"), "/1024.rs"));
}

use std::cell::Cell;
use std::collections::BTreeMap;
use std::env;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use entries::IDENTIFIERS;
use ps_serialize::{deserialize, deserialize_any, parts, registry, serialize, view};
use ps_serialize_benches::{Particle, Record, WincodeParticle, bytes};

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// How a bar is computed from the nanoseconds per call in one round.
enum Measure {
    Time(&'static str),
    Added { by: &'static str, to: &'static str },
    Ratio { of: &'static str, to: &'static str },
}

use Measure::{Added, Ratio, Time};

struct Bar {
    name: &'static str,
    /// Each bar is an upper limit.
    limit: f64,
    measure: Measure,
}

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
        name: "`view`: 100 MiB over 1 KiB",
        limit: 1.1,
        measure: Ratio { of: "100 MiB view", to: "1 KiB view" },
    },
];

struct Contender {
    name: &'static str,
    /// Makes this many calls.
    run: Box<dyn Fn(u32)>,
    calls: u32,
    /// Nanoseconds per call, a round each.
    samples: Vec<f64>,
}

impl Contender {
    /// What a call returns is dropped inside the measured time.
    fn new<R>(name: &'static str, call: impl Fn() -> R + 'static) -> Self {
        let run = move |calls| (0..calls).for_each(|_| drop(black_box(call())));
        Self { name, run: Box::new(run), calls: 1, samples: Vec::new() }
    }

    fn time(&self) -> Duration {
        let start = Instant::now();
        (self.run)(self.calls);
        start.elapsed()
    }

    /// Finds how many calls take this long, also when nothing disturbs them.
    fn calibrate(&mut self, moment: Duration) {
        while (0..5).any(|_| self.time() < moment) {
            self.calls *= 2;
        }
    }

    fn sample(&mut self) {
        self.samples.push(self.time().as_secs_f64() * 1e9 / f64::from(self.calls));
    }
}

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

fn measure(quick: bool) -> BTreeMap<&'static str, Vec<f64>> {
    let (rounds, moment) =
        if quick { (21, Duration::from_micros(200)) } else { (501, Duration::from_micros(500)) };
    raise_the_threshold_for_mapped_blocks();
    let mut contenders = contenders();
    contenders.iter_mut().for_each(|contender| contender.calibrate(moment));
    for round in 0..rounds {
        // Moves what is allocated next, so that no address favours a side in all rounds.
        let spacer = vec![1_u8; 16 + round * 208 % 4096];
        contenders.iter_mut().for_each(Contender::sample);
        // The other of two neighbours is the first in the next round.
        contenders.reverse();
        drop(black_box(spacer));
    }
    contenders.into_iter().map(|contender| (contender.name, contender.samples)).collect()
}

/// The 10th, 50th and 90th percentile.
fn spread(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_unstable_by(f64::total_cmp);
    [1, 5, 9].map(|tenths| values[(values.len() - 1) * tenths / 10])
}

fn main() -> ExitCode {
    let given = |option: &str| env::args().any(|argument| argument == option);
    // As divan does: `cargo test` runs benchmarks without `--bench`.
    let quick = given("--quick") || given("--test") || !given("--bench");
    assert!(registry().iter().len() >= 1024);
    let samples = measure(quick);

    println!("| bar | limit | median | spread (p10–p90) | met |");
    println!("|---|---:|---:|---:|---|");
    let mut missed = false;
    for Bar { name, limit, measure } in BARS {
        let two = |a, b, of: fn(f64, f64) -> f64| {
            samples[a].iter().zip(&samples[b]).map(|(&a, &b)| of(a, b)).collect()
        };
        let (values, unit) = match measure {
            Time(a) => (samples[a].clone(), " ns"),
            Added { by, to } => (two(by, to, |by, to| by - to), " ns"),
            Ratio { of, to } => (two(of, to, |of, to| of / to), " ×"),
        };
        let [low, median, high] = spread(values);
        let met = median <= limit;
        missed |= !met;
        println!(
            "| {name} | {limit}{unit} | {median:.2}{unit} | {low:.2}–{high:.2} | {} |",
            if met { "yes" } else { "**no**" }
        );
    }

    println!("\n| contender | median ns | p10–p90 |");
    println!("|---|---:|---:|");
    for (name, values) in samples {
        let [low, median, high] = spread(values);
        println!("| {name} | {median:.1} | {low:.1}–{high:.1} |");
    }
    if missed && given("--strict") { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
