//! What was measured, as `results.json` keeps it.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::kinds::Prepared;
use crate::measure::{Direction, Family, spread};

/// By the names of kinds.
pub(crate) type Results = BTreeMap<String, KindResult>;

#[derive(Serialize, Deserialize)]
pub(crate) struct KindResult {
    pub(crate) about: String,
    pub(crate) date: String,
    pub(crate) quick: bool,
    pub(crate) machine: BTreeMap<String, String>,
    pub(crate) cells: Vec<CellResult>,
    pub(crate) bars: Vec<BarResult>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct CellResult {
    pub(crate) label: String,
    /// The data of the value.
    pub(crate) bytes: usize,
    pub(crate) contenders: Vec<ContenderResult>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct ContenderResult {
    pub(crate) name: String,
    pub(crate) family: Family,
    pub(crate) direction: Direction,
    /// Nanoseconds per call: the 10th, 50th and 90th percentile.
    pub(crate) nanoseconds: [f64; 3],
    pub(crate) samples: usize,
    /// A round each.
    #[serde(skip)]
    pub(crate) samples_of_rounds: Vec<f64>,
    /// The bytes that it writes or reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) encoded: Option<usize>,
}

/// A promise, and whether it was kept.
#[derive(Serialize, Deserialize)]
pub(crate) struct BarResult {
    pub(crate) name: String,
    pub(crate) unit: String,
    pub(crate) limit: f64,
    pub(crate) measured: [f64; 3],
    pub(crate) met: bool,
}

impl CellResult {
    pub(crate) fn of(label: &str, prepared: &Prepared) -> Self {
        let mut contenders: Vec<_> = prepared
            .contenders
            .iter()
            .map(|contender| ContenderResult {
                name: contender.name.clone(),
                family: contender.family,
                direction: contender.direction,
                nanoseconds: spread(contender.samples.clone()).map(four_digits),
                samples: contender.samples.len(),
                samples_of_rounds: contender.samples.clone(),
                encoded: contender.encoded,
            })
            .collect();
        contenders.sort_by(|a, b| {
            (a.direction, a.family, &a.name).cmp(&(b.direction, b.family, &b.name))
        });
        Self { label: label.to_owned(), bytes: prepared.bytes, contenders }
    }

    pub(crate) fn find(&self, direction: Direction, name: &str) -> Option<&ContenderResult> {
        self.contenders.iter().find(|one| one.direction == direction && one.name == name)
    }
}

/// No measurement here is more exact.
fn four_digits(number: f64) -> f64 {
    format!("{number:.3e}").parse().expect("a number that was just written")
}

impl ContenderResult {
    pub(crate) fn median(&self) -> f64 {
        self.nanoseconds[1]
    }
}

/// What an earlier run left in the folder.
pub(crate) fn load(folder: &Path) -> Result<Results, Box<dyn Error>> {
    match fs::read(folder.join("results.json")) {
        Ok(json) => Ok(serde_json::from_slice(&json)?),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Results::new()),
        Err(error) => Err(error.into()),
    }
}

pub(crate) fn save(results: &Results, folder: &Path) -> Result<(), Box<dyn Error>> {
    let mut json = serde_json::to_string(results)?;
    // A line for each contender, so that the file is small and a change to it can be read.
    json = json.replace("{\"name\"", "\n{\"name\"");
    json.push('\n');
    Ok(fs::write(folder.join("results.json"), json)?)
}
