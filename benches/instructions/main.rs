//! Instructions of small calls: unlike times, the same in every run.
//!
//! The program starts itself under valgrind, whose callgrind counts inside of [`counted`] alone and
//! writes down a total after each call of it. The totals are compared with those in `instructions.tsv`.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::hint::black_box;
use std::io::{self, ErrorKind};
use std::process::{Command, ExitCode};

use bytes::Bytes;
use ndarray::{Array1, ArrayView1};
#[cfg(feature = "polars")]
use polars_core::prelude::*;
use ps_serialize::__private::registry_of;
use ps_serialize::pickle::Pickle;
use ps_serialize::tensors::{Dtype, Tensor, Tensors};
use ps_serialize::{
    Frame, Identifier, deserialize, deserialize_any, deserialize_with, parts, serialize,
    serialize_into, serialize_to, serialize_with, serializer,
};
use ps_serialize_benches::{Particle, Record, WincodeParticle, bytes, identifiers, numbers};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The instructions of one call of each case.
type Counts = Vec<(String, f64)>;

const BASELINE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../instructions.tsv");
const TOTALS: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/instructions.callgrind");
const CALLS: u32 = 100;
const TOLERATED: f64 = 0.05;

/// Five scalars, and 1 KiB in two frames.
#[serializer(id = b"09")]
struct Measurement {
    id: u64,
    time: f64,
    gain: f64,
    exposure: u32,
    valid: bool,
    #[serializer(frame)]
    samples: Array1<f64>,
    #[serializer(frame)]
    image: Vec<u8>,
}

#[serializer(view = Measurement)]
#[allow(dead_code)] // it is read and dropped
struct MeasurementView<'a> {
    id: u64,
    time: f64,
    gain: f64,
    exposure: u32,
    valid: bool,
    #[serializer(frame)]
    samples: ArrayView1<'a, f64>,
    #[serializer(frame)]
    image: &'a [u8],
}

struct Case {
    name: String,
    /// Makes this many calls.
    run: Box<dyn Fn(u32)>,
}

fn main() -> ExitCode {
    let cases = cases();
    let given = |option: &str| env::args().any(|argument| argument == option);
    if given("--counted") {
        for case in &cases {
            (case.run)(CALLS);
            counted(&*case.run);
        }
        return ExitCode::SUCCESS;
    }
    // `cargo test` runs benchmarks without `--bench`, as with divan.
    if given("--test") || !given("--bench") {
        cases.iter().for_each(|case| (case.run)(1));
        return ExitCode::SUCCESS;
    }
    let outcome = count(&cases)
        .and_then(|counts| if given("--accept") { accept(&counts) } else { compare(&counts) });
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("instructions: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Known to callgrind by its name.
#[inline(never)]
fn counted(run: &dyn Fn(u32)) {
    run(CALLS);
}

fn count(cases: &[Case]) -> Result<Counts> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--quiet", "--tool=callgrind", "--combine-dumps=yes"]);
    valgrind.args(["--toggle-collect=instructions::counted", "--dump-after=instructions::counted"]);
    valgrind.arg(format!("--callgrind-out-file={TOTALS}"));
    valgrind.arg(env::current_exe()?).arg("--counted");
    match valgrind.status() {
        Ok(status) if status.success() => {}
        Ok(status) => return Err(format!("valgrind ended with {status}").into()),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err("valgrind counts the instructions, and is not here: install it \
                        (`apt-get install valgrind`)"
                .into());
        }
        Err(error) => return Err(format!("valgrind does not start: {error}").into()),
    }
    let text = fs::read_to_string(TOTALS)?;
    let totals = text.lines().filter_map(|line| line.strip_prefix("totals: "));
    let totals = totals.map(str::parse).collect::<std::result::Result<Vec<f64>, _>>()?;
    // The last one is of the end of the program, which is not collected.
    let [totals @ .., 0.0] = &totals[..] else {
        return Err(format!("{TOTALS} does not end with a total of nothing").into());
    };
    if totals.len() != cases.len() || totals.contains(&0.0) {
        return Err(format!("{TOTALS} has not one total for each of {} cases", cases.len()).into());
    }
    let per_call = totals.iter().map(|total| total / f64::from(CALLS));
    Ok(cases.iter().map(|case| case.name.clone()).zip(per_call).collect())
}

/// What the counts depend on besides this workspace.
fn tools() -> Result<String> {
    let version = |tool| -> Result<String> {
        let output = Command::new(tool).arg("--version").output()?;
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    };
    Ok(format!("{}, {}", version("rustc")?, version("valgrind")?))
}

fn accept(counts: &Counts) -> Result<ExitCode> {
    if cfg!(not(feature = "polars")) {
        return Err("the baseline has tables too: accept it with `--features polars`".into());
    }
    let mut text = format!("# {}\n", tools()?);
    for (name, count) in counts {
        writeln!(text, "{name}\t{count:.1}")?;
    }
    fs::write(BASELINE, text)?;
    println!("{BASELINE} now has {} cases", counts.len());
    Ok(ExitCode::SUCCESS)
}

fn compare(counts: &Counts) -> Result<ExitCode> {
    let text = fs::read_to_string(BASELINE)?;
    let (tools_then, lines) = text.split_once('\n').ok_or("the baseline has no lines")?;
    let mut baseline = BTreeMap::new();
    for line in lines.lines() {
        let (name, count) = line.split_once('\t').ok_or("a line of the baseline has no tab")?;
        baseline.insert(name, count.parse::<f64>()?);
    }

    println!("| case | instructions | baseline | difference |");
    println!("|---|---:|---:|---:|");
    let (mut more, mut notes) = (Vec::new(), Vec::new());
    for (name, count) in counts {
        let Some(before) = baseline.remove(&name[..]) else {
            println!("| {name} | {count:.1} | | |");
            notes.push(format!("`{name}` is not in the baseline"));
            continue;
        };
        let difference = count / before - 1.0;
        println!("| {name} | {count:.1} | {before:.1} | {:+.1} % |", difference * 100.0);
        if difference > TOLERATED {
            more.push(format!("`{name}`: {count:.1} instructions, {before:.1} before"));
        } else if difference < -TOLERATED {
            notes.push(format!("`{name}` takes less than in the baseline"));
        }
    }
    println!();
    notes.extend(baseline.keys().map(|name| {
        if cfg!(not(feature = "polars")) && name.contains("table") {
            format!("SKIPPED `{name}`: it needs `--features polars`")
        } else {
            format!("`{name}` is in the baseline alone")
        }
    }));
    let tools_now = format!("# {}", tools()?);
    if tools_now != tools_then {
        notes.push(format!("the baseline is of other tools: {tools_then}; here: {tools_now}"));
    }
    notes.iter().for_each(|note| println!("note: {note}"));
    more.iter().for_each(|case| println!("more than 5 % above the baseline: {case}"));
    if !more.is_empty() || !notes.is_empty() {
        println!(
            "to accept the new figures: \
             `cargo bench -p ps-serialize-benches-instructions --features polars -- --accept`"
        );
    }
    Ok(if more.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn cases() -> Vec<Case> {
    let mut cases = Cases(Vec::new());
    cases.records::<Particle>("bincode");
    cases.records::<WincodeParticle>("wincode");
    [8, 64, 1024, 16384].into_iter().for_each(|entries| cases.find(entries));
    cases.lines();
    cases.sinks();
    cases.array();
    #[cfg(feature = "polars")]
    cases.table();
    cases.tensors();
    cases.pickle();
    cases.record_with_frames();
    cases.0
}

struct Cases(Vec<Case>);

impl Cases {
    /// What a call returns is dropped inside of what is counted, so that the allocator is in the same
    /// state for every call.
    fn add<R>(&mut self, name: impl Into<String>, call: impl Fn() -> R + 'static) {
        let run = move |calls| (0..calls).for_each(|_| drop(black_box(call())));
        self.0.push(Case { name: name.into(), run: Box::new(run) });
    }

    fn records<T: Record>(&mut self, codec: &str) {
        let record: &'static T = Box::leak(Box::new(T::sample()));
        let payload: &'static [u8] = record.encode().leak();
        let frame: &'static [u8] = serialize(record).unwrap().to_vec().leak();
        let kept = kept();
        self.add(format!("64-byte record, bare {codec}, encode"), move || {
            black_box(record).encode()
        });
        self.add(format!("64-byte record, {codec}, serialize"), move || {
            serialize(black_box(record)).unwrap()
        });
        self.add(format!("64-byte record, {codec}, serialize_into"), move || {
            let mut kept = kept.borrow_mut();
            kept.clear();
            serialize_into(black_box(record), &mut kept).unwrap();
        });
        self.add(format!("64-byte record, bare {codec}, decode"), move || {
            T::decode(black_box(payload))
        });
        self.add(format!("64-byte record, {codec}, deserialize"), move || {
            deserialize::<T>(black_box(frame)).unwrap()
        });
    }

    /// Another identifier each time.
    fn find(&mut self, entries: usize) {
        let mut identifiers = identifiers();
        identifiers.truncate(entries);
        let registry = registry_of::<String>(identifiers.iter().map(|two| Identifier::new(two)));
        let at = Cell::new(0);
        self.add(format!("find among {entries}"), move || {
            at.set((at.get() + 1) % identifiers.len());
            registry.find(identifiers[at.get()]).unwrap().identifier()
        });
    }

    fn lines(&mut self) {
        let padded: &'static [u8] = format!("{:63}\nhello", "US").into_bytes().leak();
        self.add("plain line, Frame::parse", move || {
            Frame::parse(black_box(b"US\nhello")).unwrap()
        });
        self.add("padded line, Frame::parse", move || Frame::parse(black_box(padded)).unwrap());
        self.add("short text, deserialize_any", || {
            deserialize_any(black_box(b"US\nhello")).unwrap()
        });
        self.add("short text, deserialize", || {
            deserialize::<String>(black_box(b"US\nhello")).unwrap()
        });
        self.add("short text, borrowed", || deserialize::<&str>(black_box(b"US\nhello")).unwrap());
    }

    fn sinks(&mut self) {
        let value: &'static [u8] = bytes(256).leak();
        let kept = kept();
        self.add("256 bytes, serialize", move || serialize(black_box(value)).unwrap());
        self.add("256 bytes, serialize_into", move || {
            let mut kept = kept.borrow_mut();
            kept.clear();
            serialize_into(black_box(value), &mut kept).unwrap();
        });
        self.add("256 bytes, parts", move || parts(black_box(value)).unwrap());
        self.add("256 bytes, serialize_to", move || {
            serialize_to(black_box(value), &mut io::empty()).unwrap();
        });
    }

    fn array(&mut self) {
        let array: &'static Array1<f64> = Box::leak(Box::new(numbers(128).into()));
        let frame: &'static Bytes = Box::leak(Box::new(serialize(array).unwrap()));
        self.add("1 KiB array, serialize", move || serialize(black_box(array)).unwrap());
        self.add("1 KiB array, parts", move || parts(black_box(array)).unwrap());
        self.add("1 KiB array, deserialize", move || {
            deserialize::<Array1<f64>>(black_box(frame)).unwrap()
        });
        self.add("1 KiB array, borrowed", move || {
            deserialize::<ArrayView1<f64>>(black_box(frame)).unwrap()
        });
    }

    #[cfg(feature = "polars")]
    fn table(&mut self) {
        let column = |i: usize| Column::new(format!("column {i}").into(), numbers(16));
        let table = DataFrame::new(16, (0..8).map(column).collect()).unwrap();
        let table: &'static DataFrame = Box::leak(Box::new(table));
        let frame: &'static Bytes = Box::leak(Box::new(serialize(table).unwrap()));
        self.add("16-row table, parts", move || parts(black_box(table)).unwrap());
        self.add("16-row table, deserialize", move || {
            deserialize::<DataFrame>(black_box(frame)).unwrap()
        });
    }

    fn tensors(&mut self) {
        let mut tensors = Tensors::new();
        for name in ["weight", "bias", "scale", "shift"] {
            tensors.insert(name, Tensor::new(Dtype::F32, [2, 8], bytes(64)).unwrap());
        }
        let frame: &'static Bytes = Box::leak(Box::new(serialize(&tensors).unwrap()));
        self.add("4 tensors, deserialize", move || {
            deserialize::<Tensors>(black_box(frame)).unwrap()
        });
    }

    fn pickle(&mut self) {
        type Plain = Pickle<BTreeMap<String, f64>>;
        let dict =
            ["mass", "charge", "spin", "energy"].map(str::to_owned).into_iter().zip(numbers(4));
        let dict: BTreeMap<_, _> = dict.collect();
        let frame = serialize_with::<Plain>(&dict).unwrap();
        self.add("dict of 4, pickle, serialize_with", move || {
            serialize_with::<Plain>(black_box(&dict)).unwrap()
        });
        self.add("dict of 4, pickle, deserialize_with", move || {
            deserialize_with::<Plain>(black_box(&frame)).unwrap()
        });
    }

    fn record_with_frames(&mut self) {
        let value = Measurement {
            id: 5,
            time: 1.5,
            gain: 0.25,
            exposure: 20,
            valid: true,
            samples: numbers(64).into(),
            image: bytes(512),
        };
        let value: &'static Measurement = Box::leak(Box::new(value));
        let frame: &'static Bytes = Box::leak(Box::new(serialize(value).unwrap()));
        self.add("record of 2 frames, serialize", move || serialize(black_box(value)).unwrap());
        self.add("record of 2 frames, parts", move || parts(black_box(value)).unwrap());
        self.add("record of 2 frames, deserialize", move || {
            deserialize::<Measurement>(black_box(frame)).unwrap()
        });
        self.add("record of 2 frames, view", move || {
            deserialize::<MeasurementView>(black_box(frame)).unwrap()
        });
    }
}

fn kept() -> RefCell<Vec<u8>> {
    RefCell::new(Vec::new())
}
