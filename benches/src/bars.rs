//! Bars: promises about speed, each measured beside what it is compared with, in one run.
//!
//! Every round times every contender for a moment, in turn, so that a slow spell of the machine
//! meets all of them. What two contenders differ by is taken within a round.

use std::collections::BTreeMap;
use std::env;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How a bar is computed from the nanoseconds per call in one round.
pub enum Measure {
    /// The time of a contender.
    Time(&'static str),
    /// What one takes more than another.
    Added {
        /// The one.
        by: &'static str,
        /// The other.
        to: &'static str,
    },
    /// How many times as long one takes as another.
    Ratio {
        /// The one.
        of: &'static str,
        /// The other.
        to: &'static str,
    },
}

use Measure::{Added, Ratio, Time};

/// A promise.
pub struct Bar {
    /// What is measured.
    pub name: &'static str,
    /// The most that it may be.
    pub limit: f64,
    /// How it is computed.
    pub measure: Measure,
}

/// What is timed.
pub struct Contender {
    name: &'static str,
    /// Makes this many calls.
    run: Box<dyn Fn(u32)>,
    calls: u32,
    /// Nanoseconds per call, a round each.
    samples: Vec<f64>,
}

impl Contender {
    /// What a call returns is dropped inside the measured time.
    #[must_use]
    pub fn new<R>(name: &'static str, call: impl Fn() -> R + 'static) -> Self {
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

/// Whether an option was given on the command line.
#[must_use]
pub fn given(option: &str) -> bool {
    env::args().any(|argument| argument == option)
}

/// Whether a second or two must do. As with divan, `cargo test` runs benchmarks without `--bench`.
#[must_use]
pub fn quick() -> bool {
    given("--quick") || given("--test") || !given("--bench")
}

type Samples = BTreeMap<&'static str, Vec<f64>>;

/// Times the contenders, each for this long in each round.
#[must_use]
pub fn measure(mut contenders: Vec<Contender>, rounds: usize, moment: Duration) -> Samples {
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

/// Prints a table of the bars and one of the contenders.
///
/// With `--strict`, a bar that is missed is a failure.
#[must_use]
pub fn report(bars: impl IntoIterator<Item = Bar>, samples: &Samples) -> ExitCode {
    println!("| bar | limit | median | spread (p10–p90) | met |");
    println!("|---|---:|---:|---:|---|");
    let mut missed = false;
    for Bar { name, limit, measure } in bars {
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
        let [low, median, high] = spread(values.clone());
        println!("| {name} | {median:.1} | {low:.1}–{high:.1} |");
    }
    if missed && given("--strict") { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
