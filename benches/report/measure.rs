//! Times contenders side by side.
//!
//! Every round times every contender for a moment, in turn, so that a slow spell of the machine meets
//! all of them. What two contenders differ by is taken within a round.

use std::hint::black_box;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// Who a contender is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Family {
    /// A serializer of this library that is made for the kind of value.
    Ours,
    /// This repository's module for Python.
    Module,
    /// This library, with every value as serde sees it.
    Generic,
    /// What nothing that copies can beat.
    Floor,
    Rust,
    Python,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Direction {
    Write,
    Read,
}

/// What is timed.
pub(crate) struct Contender {
    pub(crate) name: String,
    pub(crate) family: Family,
    pub(crate) direction: Direction,
    /// How many bytes it writes or reads, where they are not those of everyone.
    pub(crate) encoded: Option<usize>,
    /// Makes this many calls.
    run: Box<dyn FnMut(u32) -> Duration>,
    calls: u32,
    /// Nanoseconds per call, a round each.
    pub(crate) samples: Vec<f64>,
    spent: Duration,
}

impl Contender {
    /// What a call returns is dropped inside the measured time.
    pub(crate) fn new<R>(
        (family, direction): (Family, Direction),
        name: impl Into<String>,
        mut call: impl FnMut() -> R + 'static,
    ) -> Self {
        Self::timed((family, direction), name, move |calls| {
            let start = Instant::now();
            (0..calls).for_each(|_| drop(black_box(call())));
            start.elapsed()
        })
    }

    /// A contender that looks at the clock itself.
    pub(crate) fn timed(
        (family, direction): (Family, Direction),
        name: impl Into<String>,
        run: impl FnMut(u32) -> Duration + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            family,
            direction,
            encoded: None,
            run: Box::new(run),
            calls: 1,
            samples: Vec::new(),
            spent: Duration::ZERO,
        }
    }

    /// The contender with the size of what it encodes.
    pub(crate) fn of(self, encoded: usize) -> Self {
        Self { encoded: Some(encoded), ..self }
    }

    fn time(&mut self) -> Duration {
        (self.run)(self.calls)
    }

    /// Finds how many calls take this long, also when nothing disturbs them. The first call of all warms up.
    fn calibrate(&mut self, moment: Duration) {
        if self.time() > 10 * moment {
            return;
        }
        while (0..5).any(|_| self.time() < moment) {
            self.calls *= 2;
        }
    }

    fn sample(&mut self) {
        let start = Instant::now();
        let time = self.time();
        self.spent += start.elapsed();
        self.samples.push(time.as_secs_f64() * 1e9 / f64::from(self.calls));
    }
}

/// How long to measure.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) rounds: usize,
    /// Every contender takes part in that many rounds, however slow it is.
    pub(crate) fewest: usize,
    /// For each contender in each round, or one call.
    pub(crate) moment: Duration,
    /// After so much, a contender takes part in no more rounds.
    pub(crate) most: Duration,
}

/// Times the contenders.
pub(crate) fn measure(contenders: &mut [Contender], effort: Effort) {
    contenders.iter_mut().for_each(|contender| contender.calibrate(effort.moment));
    for round in 0..effort.rounds {
        // Moves what is allocated next, so that no address favours a side in all rounds.
        let spacer = vec![1_u8; 16 + round * 208 % 4096];
        contenders
            .iter_mut()
            .filter(|contender| {
                contender.samples.len() < effort.fewest || contender.spent < effort.most
            })
            .for_each(Contender::sample);
        // The other of two neighbours is the first in the next round.
        contenders.reverse();
        drop(black_box(spacer));
    }
}

/// Calls each contender, to see that it can be called.
pub(crate) fn call_each(contenders: &mut [Contender]) {
    contenders.iter_mut().for_each(Contender::sample);
}

/// The 10th, 50th and 90th percentile.
pub(crate) fn spread(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_unstable_by(f64::total_cmp);
    [1, 5, 9].map(|tenths| values[(values.len() - 1) * tenths / 10])
}
