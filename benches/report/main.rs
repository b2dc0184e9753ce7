//! Measures everything side by side in one run, and writes `results.json`, `report.md` and figures.
//!
//! Without `--bench`, as `cargo test` runs it, each contender is called once, and nothing is written.

mod bars;
mod charts;
mod codecs;
mod figure;
mod kinds;
mod machine;
mod measure;
mod old_and_new;
mod options;
mod publish;
mod python;
mod results;
mod units;
#[allow(clippy::used_underscore_binding)] // in what the derives expand to
mod values;

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use kinds::{Cell, Cells, GIB, KIB, KINDS, Kind, MIB};
use measure::Effort;
use options::Options;
use python::Python;
use results::{CellResult, KindResult};

const DECADES: [(&str, usize); 7] = [
    ("1 KiB", KIB),
    ("10 KiB", 10 * KIB),
    ("100 KiB", 100 * KIB),
    ("1 MiB", MIB),
    ("10 MiB", 10 * MIB),
    ("100 MiB", 100 * MIB),
    ("1 GiB", GIB),
];
/// How many times a value's size its contenders take, Python's included.
const MEMORY: usize = 16;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("a promise was not kept: see `report.md`");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all is as it should be.
fn run() -> Result<bool, Box<dyn Error>> {
    let options = Options::parse()?;
    raise_the_threshold_for_mapped_blocks();
    if options.check {
        check();
        return Ok(true);
    }
    let python = Python::start();
    if let Err(error) = &python {
        eprintln!("Python is not measured: {error}");
    }
    let python = python.ok();
    let machine = machine::describe(python.as_ref().map(|python| &python.versions));
    fs::create_dir_all(&options.folder)?;
    let mut results = results::load(&options.folder)?;
    let mut kept = true;
    let kinds: Vec<_> = KINDS.iter().filter(|kind| options.wants(kind.name)).collect();
    let mut progress = Progress::of(kinds.iter().flat_map(|kind| cells(kind, options.quick)));
    for kind in kinds {
        let mut measured = Vec::new();
        for cell in cells(kind, options.quick) {
            progress.begin(kind, &cell);
            measured.push(measure(kind, &cell, python.as_ref(), options.quick)?);
            progress.end(&cell);
        }
        let bars = bars::judge(kind.name, &measured, options.quick);
        kept &= bars.iter().all(|bar| bar.met);
        let result = KindResult {
            about: kind.about.to_owned(),
            date: chrono::Local::now().format("%Y-%m-%d").to_string(),
            quick: options.quick,
            machine: machine.clone(),
            cells: measured,
            bars,
        };
        // After each kind, so that an interrupted run goes on with `--only`.
        results.insert(kind.name.to_owned(), result);
        results::save(&results, &options.folder)?;
        publish::publish(&results, &options.folder)?;
    }
    println!("{}", options.folder.join("report.md").display());
    Ok(kept || !options.strict)
}

fn cells(kind: &Kind, quick: bool) -> Vec<Cell> {
    match kind.cells {
        Cells::Sizes { most } => {
            let memory = machine::available_memory().unwrap_or(usize::MAX);
            DECADES
                .iter()
                .filter(|(_, bytes)| *bytes <= most && *bytes <= memory / MEMORY)
                .filter(|(_, bytes)| !quick || [KIB, 100 * KIB, 10 * MIB].contains(bytes))
                .map(|&(label, bytes)| Cell { label: label.to_owned(), bytes })
                .collect()
        }
        Cells::Values(labels) => {
            let bytes = if quick { MIB } else { 100 * MIB };
            labels.iter().map(|&label| Cell { label: label.to_owned(), bytes }).collect()
        }
    }
}

fn measure(
    kind: &Kind,
    cell: &Cell,
    python: Option<&Python>,
    quick: bool,
) -> Result<CellResult, Box<dyn Error>> {
    let mut prepared = (kind.prepare)(cell);
    if let (Some(python), Some(frame)) = (python, prepared.frame.take()) {
        prepared.contenders.extend(python.contenders(kind.name, &frame)?);
        if let Some(written) = prepared.written {
            prepared.contenders.push(written(python.written()?));
        }
    }
    let effort = if quick {
        Effort {
            rounds: 11,
            fewest: 1,
            moment: Duration::from_micros(200),
            most: Duration::from_millis(30),
        }
    } else {
        Effort {
            rounds: 201,
            fewest: 5,
            moment: Duration::from_micros(500),
            most: Duration::from_millis(1500),
        }
    };
    measure::measure(&mut prepared.contenders, effort);
    Ok(CellResult::of(&cell.label, &prepared))
}

/// Checks that every contender does what its name says.
fn check() {
    for kind in &KINDS {
        let labels = match kind.cells {
            Cells::Sizes { .. } => &["1 KiB"],
            Cells::Values(labels) => labels,
        };
        for label in labels {
            let mut prepared = (kind.prepare)(&Cell { label: (*label).to_owned(), bytes: KIB });
            measure::call_each(&mut prepared.contenders);
            println!("{}, {label}: {} contenders", kind.name, prepared.contenders.len());
        }
    }
}

/// glibc maps blocks above a threshold, which it raises to the size of any mapped block that is
/// freed. All sides of a comparison are to get their memory in one way.
fn raise_the_threshold_for_mapped_blocks() {
    drop(black_box(vec![1_u8; 8 * MIB]));
}

/// How far it is, and how long it will take.
struct Progress {
    start: Instant,
    /// The cost of what is done, and of all.
    done: f64,
    all: f64,
}

impl Progress {
    fn of(cells: impl Iterator<Item = Cell>) -> Self {
        Self { start: Instant::now(), done: 0.0, all: cells.map(|cell| Self::cost(&cell)).sum() }
    }

    /// Cells of small values take about the same time, those of large ones longer.
    fn cost(cell: &Cell) -> f64 {
        2.0 + (units::float(cell.bytes) / units::float(MIB)).sqrt()
    }

    fn begin(&self, kind: &Kind, cell: &Cell) {
        let left = if self.done == 0.0 {
            String::new()
        } else {
            let whole = self.start.elapsed().as_secs_f64() / self.done * self.all;
            let left = Duration::from_secs_f64(whole).saturating_sub(self.start.elapsed());
            format!(", about {} left", minutes(left))
        };
        let percent = self.done / self.all * 100.0;
        eprintln!("{percent:3.0} %{left}: {}, {}", kind.name, cell.label);
    }

    fn end(&mut self, cell: &Cell) {
        self.done += Self::cost(cell);
    }
}

fn minutes(duration: Duration) -> String {
    match duration.as_secs() {
        seconds @ ..100 => format!("{seconds} s"),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
}
