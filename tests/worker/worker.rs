//! What the worker does with a frame of Python, whichever store it is in.

use std::collections::BTreeMap;

use bytes::Bytes;
use ndarray::{Array1, Axis, CowArray, Ix2};
use polars_core::prelude::{Column, DataFrame};
use ps_serialize::{Frame, Identifier, Options, pandas, serialize, serializer};
use serde::{Deserialize, Serialize};
use uuid::Builder;

use crate::Result;

/// The largest frame, and the most memory that its value may take beside it.
pub(crate) const LARGEST: usize = 16 << 20;

/// Work: a dataclass of Python with NumPy's arrays.
#[serializer(python = "jobs.Fit")]
struct Fit {
    #[serializer(frame)]
    x: Array1<f64>,
    #[serializer(frame)]
    y: Array1<f64>,
}

/// An answer that is a dataclass in Python.
#[serializer(python = "jobs.Line")]
#[derive(Serialize, Deserialize)]
struct Line {
    slope: f64,
    intercept: f64,
}

/// The answer to work that can't be done.
#[serializer(python = "jobs.Failed")]
#[derive(Serialize, Deserialize)]
struct Failed {
    reason: String,
}

/// An answer in this library's own format. Python gets a class for it from the lock.
#[serializer(id = b"w1")]
struct Profile {
    rows: u64,
    means: BTreeMap<String, f64>,
    #[serializer(frame)]
    numbers: DataFrame,
}

/// The limits for what Python sends.
pub(crate) fn options() -> Options {
    let kinds = [b"NP", b"PL", b"PD", b"PK"];
    Options::new().size_limit(LARGEST).allow(kinds.map(|kind| Identifier::new(kind)))
}

/// The frame of the answer. An error is an answer too, so that the worker goes on.
pub(crate) fn answer(work: Result<Bytes>) -> Result<Bytes> {
    let answer = work.and_then(|frame| compute(&frame));
    answer.or_else(|error| Ok(serialize(&Failed { reason: format!("{error:#}") })?))
}

fn compute(frame: &Bytes) -> Result<Bytes> {
    let options = options();
    // By type: Python does not align arrays, and a `CowArray` copies those that are not.
    if Frame::parse(frame)?.identifier() == *b"NP" {
        let array: CowArray<f64, Ix2> = options.deserialize(frame)?;
        return Ok(serialize(&array.sum_axis(Axis(0)))?);
    }
    // By identifier and class: the frame says what it is.
    let work = options.deserialize_any(frame)?;
    let answer = if let Some(fit) = work.downcast_ref::<Fit>() {
        serialize(&line(fit)?)
    } else if let Some(table) = work.downcast_ref::<DataFrame>() {
        serialize(&profile(table)?)
    } else if let Some(table) = work.downcast_ref::<pandas::Table>() {
        serialize(&profile(table.frame())?)
    } else {
        return Err("this is no work: an array, a table or a `jobs.Fit` is expected".into());
    };
    Ok(answer?)
}

fn line(Fit { x, y }: &Fit) -> Result<Line> {
    if x.len() != y.len() {
        return Err(format!("{} values of x, but {} of y", x.len(), y.len()).into());
    }
    let (Some(center), Some(height)) = (x.mean(), y.mean()) else {
        return Err("a line through no points".into());
    };
    let (x, y) = (x - center, y - height);
    let slope = x.dot(&y) / x.dot(&x);
    Ok(Line { slope, intercept: height - slope * center })
}

fn profile(table: &DataFrame) -> Result<Profile> {
    let is_number = |column: &&Column| column.dtype().is_primitive_numeric();
    let columns = || table.columns().iter().filter(is_number);
    let mean = |column: &Column| {
        let mean = column.as_materialized_series().mean()?;
        Some((column.name().to_string(), mean))
    };
    Ok(Profile {
        rows: table.height() as u64,
        means: columns().filter_map(mean).collect(),
        numbers: table.select(columns().map(|column| column.name().clone()))?,
    })
}

/// A key as ProxyStore makes them: `str(uuid.uuid4())` in Python.
pub(crate) fn new_key() -> Result<String> {
    let mut random = [0; 16];
    getrandom::fill(&mut random)?;
    Ok(Builder::from_random_bytes(random).into_uuid().to_string())
}
