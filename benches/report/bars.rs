//! Promises about speed, each measured beside what it is compared with.

use crate::measure::Direction::{self, Read, Write};
use crate::measure::spread;
use crate::python::MODULE;
use crate::results::{BarResult, CellResult};

/// A promise about contenders of one kind.
struct Bar {
    kind: &'static str,
    name: &'static str,
    limit: f64,
    measure: Measure,
}

/// The label of a cell, and which contender of it.
type Contender = (&'static str, Direction, &'static str);

/// How it is computed from the nanoseconds per call: within a round, where both are of one cell.
enum Measure {
    Time(Contender),
    /// What the first takes more than the second.
    Added(Contender, Contender),
    /// How many times as long the first takes as the second.
    Ratio(Contender, Contender),
    /// How many times as long it takes as the fastest of these, of those that were measured.
    Fastest(Contender, &'static [&'static str]),
}

use Measure::{Added, Fastest, Ratio, Time};

const fn bar(kind: &'static str, name: &'static str, limit: f64, measure: Measure) -> Bar {
    Bar { kind, name, limit, measure }
}

const RECORD: &str = "64-byte record";
const COPY: &str = "memcpy, touched memory";
const NPY_WRITERS: &[&str] = &["ndarray-npy", "npyz", "ProxyStore 1.1", "numpy.save", "pickle 5"];
const NPY_READERS: &[&str] = &["ndarray-npy", "npyz", "ProxyStore 1.1", "numpy.load", "pickle 5"];
const PIECES: &[&str] = &["pickle 5, out of band", "dask"];
const VIEWS: &[&str] = &["ndarray-npy, view", "pickle 5, out of band", "dask"];
const TABLE_WRITERS: &[&str] =
    &["polars IpcWriter", "arrow-ipc", "ProxyStore 1.1", "pyarrow", "pickle 5"];
const TABLE_READERS: &[&str] = &["polars IpcReader", "ProxyStore 1.1", "pickle 5"];
const TABLE_VIEWS: &[&str] = &["arrow-ipc, validated view", "pyarrow, borrowed"];
/// The contenders that copy the data of a record.
const RECORD_COPIES: &[&str] = &[
    "bincode 1.3",
    "bincode",
    "wincode",
    "postcard",
    "bitcode",
    "rkyv",
    "serde_json",
    "Apache Fory",
    "safetensors",
    "ProxyStore 1.1",
    "ProxyStore 0.6",
    "pickle 5",
];

#[rustfmt::skip]
const BARS: [Bar; 105] = [
    bar("small", "64-byte record, Bincode: `serialize` adds to the bare codec", 20.0, Added((RECORD, Write, "Bincode"), (RECORD, Write, "bincode, bare"))),
    bar("small", "64-byte record, Bincode: `deserialize` adds to the bare codec", 20.0, Added((RECORD, Read, "Bincode"), (RECORD, Read, "bincode, bare"))),
    bar("small", "64-byte record, Wincode: `serialize` adds to the bare codec", 20.0, Added((RECORD, Write, "Wincode"), (RECORD, Write, "wincode, bare"))),
    bar("small", "64-byte record, Wincode: `deserialize` adds to the bare codec", 20.0, Added((RECORD, Read, "Wincode"), (RECORD, Read, "wincode, bare"))),
    bar("small", "64-byte record, Wincode: `serialize` over the bare codec", 2.0, Ratio((RECORD, Write, "Wincode"), (RECORD, Write, "wincode, bare"))),
    bar("small", "64-byte record, Wincode: `deserialize` over the bare codec", 3.0, Ratio((RECORD, Read, "Wincode"), (RECORD, Read, "wincode, bare"))),
    bar("small", "`find` among 1,024, another identifier each time", 5.0, Time(("registry", Read, "find, another each time"))),
    bar("small", "`find` among 1,024, always the same identifier", 5.0, Time(("registry", Read, "find, always the same"))),
    bar("small", "`deserialize_any` of five-byte text", 50.0, Time(("registry", Read, "deserialize_any of five-byte text"))),
    bar("bytes", "1 MiB `serialize` over memcpy into fresh memory", 1.1, Ratio(("1 MiB", Write, "serialize"), ("1 MiB", Write, "memcpy, fresh memory"))),
    bar("bytes", "1 KiB `parts`", 200.0, Time(("1 KiB", Write, "parts"))),
    bar("bytes", "100 MiB `parts`", 200.0, Time(("100 MiB", Write, "parts"))),
    bar("bytes", "`parts`: 100 MiB adds to 1 KiB", 5.0, Added(("100 MiB", Write, "parts"), ("1 KiB", Write, "parts"))),
    bar("bytes", "1 KiB `deserialize`, borrowed", 200.0, Time(("1 KiB", Read, "borrowed"))),
    bar("bytes", "100 MiB `deserialize`, borrowed", 200.0, Time(("100 MiB", Read, "borrowed"))),
    bar("bytes", "`deserialize`, borrowed: 100 MiB adds to 1 KiB", 5.0, Added(("100 MiB", Read, "borrowed"), ("1 KiB", Read, "borrowed"))),
    bar("records", "1 KiB `serialize` over bincode 1.3", 1.1, Ratio(("1 KiB", Write, "serialize"), ("1 KiB", Write, "bincode 1.3"))),
    bar("records", "1 KiB `deserialize` over bincode 1.3", 1.0, Ratio(("1 KiB", Read, "deserialize"), ("1 KiB", Read, "bincode 1.3"))),
    bar("records", "1 KiB read with borrowed texts over bincode 1.3", 1.0, Ratio(("1 KiB", Read, "borrowed texts"), ("1 KiB", Read, "bincode 1.3, borrowed texts"))),
    bar("records", "100 KiB `serialize` over bincode 1.3", 1.1, Ratio(("100 KiB", Write, "serialize"), ("100 KiB", Write, "bincode 1.3"))),
    bar("records", "100 KiB `deserialize` over bincode 1.3", 1.0, Ratio(("100 KiB", Read, "deserialize"), ("100 KiB", Read, "bincode 1.3"))),
    bar("records", "100 KiB read with borrowed texts over bincode 1.3", 1.0, Ratio(("100 KiB", Read, "borrowed texts"), ("100 KiB", Read, "bincode 1.3, borrowed texts"))),
    bar("records", "10 MiB `serialize` over bincode 1.3", 1.1, Ratio(("10 MiB", Write, "serialize"), ("10 MiB", Write, "bincode 1.3"))),
    bar("records", "10 MiB `deserialize` over bincode 1.3", 1.0, Ratio(("10 MiB", Read, "deserialize"), ("10 MiB", Read, "bincode 1.3"))),
    bar("records", "10 MiB read with borrowed texts over bincode 1.3", 1.0, Ratio(("10 MiB", Read, "borrowed texts"), ("10 MiB", Read, "bincode 1.3, borrowed texts"))),
    bar("floats", "10 MiB of numbers in a record: `serialize` over wincode", 1.5, Ratio(("10 MiB", Write, "generic route"), ("10 MiB", Write, "wincode"))),
    bar("floats", "10 MiB of numbers in a record: `deserialize` over wincode", 1.5, Ratio(("10 MiB", Read, "generic route"), ("10 MiB", Read, "wincode"))),
    bar("records", "1 KiB by Wincode: `serialize` over bare wincode", 1.15, Ratio(("1 KiB", Write, "codec Wincode"), ("1 KiB", Write, "wincode"))),
    bar("records", "1 KiB by Wincode: `deserialize` over bare wincode", 1.15, Ratio(("1 KiB", Read, "codec Wincode"), ("1 KiB", Read, "wincode"))),
    bar("records", "1 KiB by Wincode: `parts` over `serialize`", 1.0, Ratio(("1 KiB", Write, "codec Wincode, parts"), ("1 KiB", Write, "codec Wincode"))),
    bar("records", "100 KiB by Wincode: `serialize` over bare wincode", 1.15, Ratio(("100 KiB", Write, "codec Wincode"), ("100 KiB", Write, "wincode"))),
    bar("records", "100 KiB by Wincode: `deserialize` over bare wincode", 1.15, Ratio(("100 KiB", Read, "codec Wincode"), ("100 KiB", Read, "wincode"))),
    bar("records", "100 KiB by Wincode: `parts` over `serialize`", 1.0, Ratio(("100 KiB", Write, "codec Wincode, parts"), ("100 KiB", Write, "codec Wincode"))),
    bar("records", "10 MiB by Wincode: `serialize` over bare wincode", 1.15, Ratio(("10 MiB", Write, "codec Wincode"), ("10 MiB", Write, "wincode"))),
    bar("records", "10 MiB by Wincode: `deserialize` over bare wincode", 1.15, Ratio(("10 MiB", Read, "codec Wincode"), ("10 MiB", Read, "wincode"))),
    bar("records", "10 MiB by Wincode: `parts` over `serialize`", 1.0, Ratio(("10 MiB", Write, "codec Wincode, parts"), ("10 MiB", Write, "codec Wincode"))),
    bar("records", "100 KiB of `PK`: reading over serde_json", 1.2, Ratio(("100 KiB", Read, "PK"), ("100 KiB", Read, "serde_json"))),
    bar("records", "10 MiB of `PK`: reading over serde_json", 1.2, Ratio(("10 MiB", Read, "PK"), ("10 MiB", Read, "serde_json"))),
    bar("records", "100 KiB of `PK`: reading over Python's `pickle.loads`", 0.7, Ratio(("100 KiB", Read, "PK"), ("100 KiB", Read, "pickle 5"))),
    bar("records", "10 MiB of `PK`: reading over Python's `pickle.loads`", 0.7, Ratio(("10 MiB", Read, "PK"), ("10 MiB", Read, "pickle 5"))),
    bar("python-objects", "100 MiB `serialize` over the bare array", 1.3, Ratio(("100 MiB", Write, "serialize"), ("100 MiB", Write, "the bare array"))),
    bar("python-objects", "100 MiB `deserialize` over the bare array", 1.3, Ratio(("100 MiB", Read, "deserialize"), ("100 MiB", Read, "the bare array"))),
    bar("python-objects", "100 MiB of Rust, read in Python, over Python's own pickle", 0.6, Ratio(("100 MiB", Read, "Python, frame of Rust"), ("100 MiB", Read, "pickle 5"))),
    bar("records-with-arrays", "100 MiB `serialize` over memcpy into touched memory", 1.25, Ratio(("100 MiB", Write, "serialize"), ("100 MiB", Write, COPY))),
    bar("records-with-arrays", "100 MiB `serialize_into` a kept buffer over the same", 1.1, Ratio(("100 MiB", Write, "serialize_into, kept buffer"), ("100 MiB", Write, COPY))),
    bar("records-with-arrays", "100 MiB `deserialize` over the same", 1.3, Ratio(("100 MiB", Read, "deserialize"), ("100 MiB", Read, COPY))),
    bar("records-with-arrays", "1 KiB `parts`", 300.0, Time(("1 KiB", Write, "parts"))),
    bar("records-with-arrays", "1 GiB `parts`", 300.0, Time(("1 GiB", Write, "parts"))),
    bar("records-with-arrays", "`parts`: 1 GiB over 1 KiB", 1.2, Ratio(("1 GiB", Write, "parts"), ("1 KiB", Write, "parts"))),
    bar("records-with-arrays", "1 KiB `deserialize`, view", 300.0, Time(("1 KiB", Read, "view"))),
    bar("records-with-arrays", "1 GiB `deserialize`, view", 300.0, Time(("1 GiB", Read, "view"))),
    bar("records-with-arrays", "`deserialize`, view: 1 GiB over 1 KiB", 1.2, Ratio(("1 GiB", Read, "view"), ("1 KiB", Read, "view"))),
    bar("records-with-arrays", "100 MiB `serialize` over the fastest peer", 1.0, Fastest(("100 MiB", Write, "serialize"), RECORD_COPIES)),
    bar("records-with-arrays", "100 MiB `deserialize` over the fastest peer that copies", 1.0, Fastest(("100 MiB", Read, "deserialize"), RECORD_COPIES)),
    bar("records-with-arrays", "1 KiB `parts` over pickle 5 out of band", 1.0, Ratio(("1 KiB", Write, "parts"), ("1 KiB", Write, "pickle 5, out of band"))),
    bar("records-with-arrays", "100 MiB `parts` over pickle 5 out of band", 1.0, Ratio(("100 MiB", Write, "parts"), ("100 MiB", Write, "pickle 5, out of band"))),
    bar("arrays", "1 KiB `serialize`", 150.0, Time(("1 KiB", Write, "serialize"))),
    bar("arrays", "1 KiB `deserialize`", 150.0, Time(("1 KiB", Read, "deserialize"))),
    bar("arrays", "1 KiB `parts`", 150.0, Time(("1 KiB", Write, "parts"))),
    bar("arrays", "1 KiB `deserialize`, borrowed", 150.0, Time(("1 KiB", Read, "borrowed"))),
    bar("arrays", "1 KiB `serialize` over memcpy into fresh memory", 3.0, Ratio(("1 KiB", Write, "serialize"), ("1 KiB", Write, "memcpy, fresh memory"))),
    bar("arrays", "1 KiB `deserialize` over memcpy into fresh memory", 3.3, Ratio(("1 KiB", Read, "deserialize"), ("1 KiB", Read, "memcpy, fresh memory"))),
    bar("arrays", "1 KiB `parts` over memcpy into fresh memory", 1.8, Ratio(("1 KiB", Write, "parts"), ("1 KiB", Write, "memcpy, fresh memory"))),
    bar("arrays", "1 KiB `deserialize`, borrowed over memcpy into fresh memory", 1.8, Ratio(("1 KiB", Read, "borrowed"), ("1 KiB", Read, "memcpy, fresh memory"))),
    bar("arrays", "1 GiB `parts`", 150.0, Time(("1 GiB", Write, "parts"))),
    bar("arrays", "1 GiB `deserialize`, borrowed", 150.0, Time(("1 GiB", Read, "borrowed"))),
    bar("arrays", "100 MiB `serialize` over memcpy into touched memory", 1.2, Ratio(("100 MiB", Write, "serialize"), ("100 MiB", Write, COPY))),
    bar("arrays", "100 MiB `serialize_into` a kept buffer over the same", 1.1, Ratio(("100 MiB", Write, "serialize_into, kept buffer"), ("100 MiB", Write, COPY))),
    bar("arrays", "100 MiB `deserialize` over the same", 1.3, Ratio(("100 MiB", Read, "deserialize"), ("100 MiB", Read, COPY))),
    bar("arrays", "1 KiB `serialize` over the fastest peer", 1.0, Fastest(("1 KiB", Write, "serialize"), NPY_WRITERS)),
    bar("arrays", "1 KiB `deserialize` over the fastest peer", 1.0, Fastest(("1 KiB", Read, "deserialize"), NPY_READERS)),
    bar("arrays", "1 KiB `parts` over the fastest peer that does not copy", 1.0, Fastest(("1 KiB", Write, "parts"), PIECES)),
    bar("arrays", "1 KiB `deserialize`, borrowed over the fastest peer that does not copy", 1.0, Fastest(("1 KiB", Read, "borrowed"), VIEWS)),
    bar("arrays", "100 MiB `serialize` over the fastest peer", 1.0, Fastest(("100 MiB", Write, "serialize"), NPY_WRITERS)),
    bar("arrays", "100 MiB `deserialize` over the fastest peer", 1.0, Fastest(("100 MiB", Read, "deserialize"), NPY_READERS)),
    bar("arrays", "100 MiB `parts` over the fastest peer that does not copy", 1.0, Fastest(("100 MiB", Write, "parts"), PIECES)),
    bar("arrays", "100 MiB `deserialize`, borrowed over the fastest peer that does not copy", 1.0, Fastest(("100 MiB", Read, "borrowed"), VIEWS)),
    bar("arrays", "100 MiB, Python module `serialize` over NumPy's copy into touched memory", 1.3, Ratio(("100 MiB", Write, MODULE), ("100 MiB", Write, "NumPy copy into touched memory"))),
    bar("arrays", "100 MiB, Python module `serialize` over ProxyStore 1.1", 0.25, Ratio(("100 MiB", Write, MODULE), ("100 MiB", Write, "ProxyStore 1.1"))),
    bar("arrays", "100 MiB, Python module `deserialize`", 50e3, Time(("100 MiB", Read, MODULE))),
    bar("arrays", "1 GiB, Python module `deserialize`", 50e3, Time(("1 GiB", Read, MODULE))),
    bar("arrays", "1 KiB, Python module `serialize` adds to `numpy.save`", 3e3, Added(("1 KiB", Write, MODULE), ("1 KiB", Write, "numpy.save"))),
    bar("tables", "100 MiB `serialize` over memcpy into touched memory", 1.5, Ratio(("100 MiB", Write, "serialize"), ("100 MiB", Write, COPY))),
    bar("tables", "100 MiB `deserialize` over the same", 1.5, Ratio(("100 MiB", Read, "deserialize"), ("100 MiB", Read, COPY))),
    bar("tables", "100 MiB `parts`", 15e3, Time(("100 MiB", Write, "parts"))),
    bar("tables", "100 MiB `deserialize`, shared", 10e3, Time(("100 MiB", Read, "shared"))),
    bar("tables", "`parts`: 100 MiB over 16 rows", 1.5, Ratio(("100 MiB", Write, "parts"), ("1 KiB", Write, "parts"))),
    bar("tables", "`deserialize`, shared: 100 MiB over 16 rows", 1.5, Ratio(("100 MiB", Read, "shared"), ("1 KiB", Read, "shared"))),
    bar("tables", "16 rows `serialize` over polars' `IpcWriter`", 1.0, Ratio(("1 KiB", Write, "serialize"), ("1 KiB", Write, "polars IpcWriter"))),
    bar("tables", "16 rows `serialize` over arrow-ipc's writer", 1.0, Ratio(("1 KiB", Write, "serialize"), ("1 KiB", Write, "arrow-ipc"))),
    bar("tables", "16 rows `deserialize` over polars' `IpcReader`", 1.0, Ratio(("1 KiB", Read, "deserialize"), ("1 KiB", Read, "polars IpcReader"))),
    bar("tables", "100 MiB `serialize` over the fastest peer", 1.0, Fastest(("100 MiB", Write, "serialize"), TABLE_WRITERS)),
    bar("tables", "100 MiB `deserialize` over the fastest peer", 1.0, Fastest(("100 MiB", Read, "deserialize"), TABLE_READERS)),
    bar("tables", "100 MiB `deserialize`, shared over the fastest peer that does not copy", 1.0, Fastest(("100 MiB", Read, "shared"), TABLE_VIEWS)),
    bar("text-tables", "100 MiB `deserialize`, shared over arrow-ipc's validated view", 1.0, Ratio(("100 MiB", Read, "shared"), ("100 MiB", Read, "arrow-ipc, validated view"))),
    bar("text-tables", "100 MiB `serialize` over the fastest peer", 1.0, Fastest(("100 MiB", Write, "serialize"), TABLE_WRITERS)),
    bar("pandas", "100 MiB `serialize` over memcpy into touched memory", 1.5, Ratio(("100 MiB", Write, "serialize"), ("100 MiB", Write, COPY))),
    bar("pandas", "100 MiB `deserialize` over the same", 1.5, Ratio(("100 MiB", Read, "deserialize"), ("100 MiB", Read, COPY))),
    bar("pandas", "100 MiB `deserialize` of a frame of pandas over the same", 1.5, Ratio(("100 MiB", Read, "deserialize, frame of pandas"), ("100 MiB", Read, COPY))),
    bar("pandas", "`parts`: 100 MiB over 1 KiB", 1.5, Ratio(("100 MiB", Write, "parts"), ("1 KiB", Write, "parts"))),
    bar("pandas", "`deserialize`, shared: 100 MiB over 1 KiB", 1.5, Ratio(("100 MiB", Read, "shared"), ("1 KiB", Read, "shared"))),
    bar("pandas", "100 MiB of Rust, read in Python, over pandas' own frame", 0.5, Ratio(("100 MiB", Read, "ProxyStore 1.1, frame of Rust"), ("100 MiB", Read, "ProxyStore 1.1"))),
    bar("pandas-texts", "1,000,000 texts of Rust, read in Python, over pandas' own frame of Python's objects", 1.2, Ratio(("10 MiB", Read, "ProxyStore 1.1, frame of Rust"), ("10 MiB", Read, "ProxyStore 1.1, Python's objects"))),
    bar("compression", "100 MiB of random bytes, LZ4 asked for in vain, over `serialize`", 1.02, Ratio(("random bytes", Write, "LZ4"), ("random bytes", Write, "serialize"))),
    bar("compression", "100 MiB of random bytes, Zstandard 3 asked for in vain, over `serialize`", 1.02, Ratio(("random bytes", Write, "Zstandard 3"), ("random bytes", Write, "serialize"))),
];

/// The bars of a kind whose cells were measured.
pub(crate) fn judge(kind: &str, cells: &[CellResult], quick: bool) -> Vec<BarResult> {
    // Compression is promised for 100 MiB, which the quick mode has not.
    let bars = BARS.iter().filter(|bar| bar.kind == kind && !(quick && kind == "compression"));
    bars.filter_map(|bar| bar.judge(cells)).collect()
}

impl Bar {
    fn judge(&self, cells: &[CellResult]) -> Option<BarResult> {
        let samples = |(cell, direction, name): Contender| {
            let cell = cells.iter().find(|one| one.label == cell)?;
            cell.find(direction, name).map(|found| found.samples_of_rounds.as_slice())
        };
        let both = |a, b, of: fn(f64, f64) -> f64| {
            Some(samples(a)?.iter().zip(samples(b)?).map(|(&a, &b)| of(a, b)).collect())
        };
        let (values, unit): (Vec<f64>, _) = match self.measure {
            Time(a) => (samples(a)?.to_vec(), "ns"),
            Added(a, b) => (both(a, b, |a, b| a - b)?, "ns"),
            Ratio(a, b) => (both(a, b, |a, b| a / b)?, "×"),
            Fastest(a, others) => {
                let (cell, direction, _) = a;
                let median =
                    |name| Some((spread(samples((cell, direction, name))?.to_vec())[1], name));
                let others = others.iter().filter_map(|name| median(*name));
                let (_, fastest) = others.min_by(|a, b| a.0.total_cmp(&b.0))?;
                (both(a, (cell, direction, fastest), |a, b| a / b)?, "×")
            }
        };
        let measured = spread(values);
        Some(BarResult {
            name: self.name.to_owned(),
            unit: unit.to_owned(),
            limit: self.limit,
            measured,
            met: measured[1] <= self.limit,
        })
    }
}
