//! The first thing to see in the report: both languages side by side, before and after.

use std::error::Error;
use std::fmt::Write;
use std::path::Path;

use crate::charts::Charts;
use crate::figure::Line;
use crate::measure::Direction::{self, Read, Write as Writing};
use crate::measure::Family;
use crate::publish::{sizes, title, verb};
use crate::python::MODULE;
use crate::results::{CellResult, ContenderResult, Results};
use crate::units;

type Result = std::result::Result<(), Box<dyn Error>>;

/// What is shown side by side for each kind: the first of these contenders that the kind has.
struct Compared {
    name: &'static str,
    family: Family,
    writing: &'static [&'static str],
    reading: &'static [&'static str],
}

const RUST: &str = "ps-serialize in Rust";
const GENERIC: &str = "Rust's generic route (old)";
const TODAY: &str = "ProxyStore 1.1 (today)";
const BEFORE: &str = "ProxyStore 0.6 (old)";
const COPY: &str = "memcpy, touched memory";

const COMPARED: [Compared; 8] = [
    compared(RUST, Family::Ours, &["serialize"], &["deserialize"]),
    compared("Rust, in parts", Family::Ours, &["parts"], &[]),
    compared("Rust, borrowed or shared", Family::Ours, &[], &["borrowed", "view", "shared"]),
    compared(MODULE, Family::Module, &[MODULE], &[MODULE]),
    compared(GENERIC, Family::Generic, &["generic route"], &["generic route"]),
    compared(COPY, Family::Floor, &[COPY], &[COPY]),
    compared(BEFORE, Family::Python, &["ProxyStore 0.6"], &["ProxyStore 0.6"]),
    compared(TODAY, Family::Python, &["ProxyStore 1.1"], &["ProxyStore 1.1"]),
];

const fn compared(
    name: &'static str,
    family: Family,
    writing: &'static [&'static str],
    reading: &'static [&'static str],
) -> Compared {
    Compared { name, family, writing, reading }
}

impl Compared {
    fn find<'c>(&self, cell: &'c CellResult, direction: Direction) -> Option<&'c ContenderResult> {
        let names = if direction == Writing { self.writing } else { self.reading };
        names.iter().find_map(|name| cell.find(direction, name))
    }
}

pub(crate) fn publish(text: &mut String, results: &Results, folder: &Path) -> Result {
    const KINDS: [&str; 8] = [
        "arrays",
        "tables",
        "pandas",
        "bytes",
        "text-tables",
        "pandas-texts",
        "text",
        "records-with-arrays",
    ];
    let kinds: Vec<_> = KINDS
        .iter()
        .filter_map(|kind| Some((*kind, results.get(*kind)?.cells.as_slice())))
        .collect();
    let sizes = kinds.iter().map(|(_, cells)| sizes(cells)).max_by_key(Vec::len);
    let Some(sizes) = sizes.filter(|sizes| sizes.len() > 1) else { return Ok(()) };
    text.push_str(
        "## Old against new\n\nThe same values in both languages. The old are ProxyStore 0.6 in Python, which pickled all but bytes and text, and \
         the generic route in Rust, which takes everything through serde and bincode. The new are ProxyStore 1.1, the Python module \
         `ps_serialize` and this library.\n\n",
    );
    for direction in [Writing, Read] {
        let verb = verb(direction);
        let heading = format!("Old against new: {verb}");
        let file = format!("old-and-new-{verb}.svg");
        let chart = |(kind, cells): &(&str, &[CellResult])| {
            let lines = COMPARED.iter().map(|compared| line(compared, cells, &sizes, direction));
            (title(kind), lines.filter(|line| line.points.len() > 1).collect())
        };
        let figure = Charts {
            title: &heading,
            caption: "Median time of a call over the size of the value's data, with its 10th to 90th percentile. All charts have the same axes.\n\
                Thick lines: this library (blue) and its Python module (red). Dashed: what there was before, and today's ProxyStore (green).",
            panels: kinds.iter().map(chart).collect(),
            sizes: sizes.clone(),
        };
        figure.draw(&folder.join(&file))?;
        write!(text, "![{heading}, time over size]({file})\n\n")?;
        times_as_fast(text, &kinds, &sizes, direction, BEFORE, &[TODAY, MODULE, RUST])?;
        times_as_fast(text, &kinds, &sizes, direction, GENERIC, &[RUST])?;
    }
    Ok(())
}

/// At the sizes aimed at, which the data of tables miss by a little.
fn line(
    compared: &Compared,
    cells: &[CellResult],
    sizes: &[(f64, String)],
    direction: Direction,
) -> Line {
    let point = |(size, label): &(f64, String)| {
        let cell = cells.iter().find(|cell| cell.label == *label)?;
        Some((*size, compared.find(cell, direction)?.nanoseconds))
    };
    Line {
        name: compared.name.to_owned(),
        family: compared.family,
        points: sizes.iter().filter_map(point).collect(),
    }
}

/// How many times as fast as the old the new are, by their names.
fn times_as_fast(
    text: &mut String,
    kinds: &[(&str, &[CellResult])],
    sizes: &[(f64, String)],
    direction: Direction,
    old: &str,
    new: &[&str],
) -> Result {
    let named = |name: &str| COMPARED.iter().find(|one| one.name == name);
    let labels: Vec<_> = sizes.iter().map(|(_, label)| label.as_str()).collect();
    let verb = verb(direction);
    writeln!(text, "| {verb}, times as fast as {old} | {} |", labels.join(" | "))?;
    writeln!(text, "|---|{}", "---:|".repeat(sizes.len()))?;
    for (kind, cells) in kinds {
        for name in new {
            let ratio = |label: &&str| {
                let cell = cells.iter().find(|cell| cell.label == **label)?;
                let time = |name| Some(named(name)?.find(cell, direction)?.median());
                Some(units::times(time(old)? / time(name)?))
            };
            let ratios: Vec<_> = labels.iter().map(ratio).collect();
            if ratios.iter().all(Option::is_none) {
                continue;
            }
            write!(text, "| {}: {name} |", title(kind))?;
            for ratio in ratios {
                write!(text, " {} |", ratio.as_deref().unwrap_or("–"))?;
            }
            text.push('\n');
        }
    }
    text.push('\n');
    Ok(())
}
