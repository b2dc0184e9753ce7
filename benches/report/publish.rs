//! What a person reads: `report.md`, and the figures that it shows.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::figure::{Figure, Line, Panels};
use crate::kinds::{Cells, KINDS, Kind};
use crate::measure::Direction::{self, Read, Write as Writing};
use crate::measure::Family;
use crate::python::MODULE;
use crate::results::{CellResult, ContenderResult, KindResult, Results};
use crate::units;

type Result = std::result::Result<(), Box<dyn Error>>;

pub(crate) fn publish(results: &Results, folder: &Path) -> Result {
    let mut text = String::from(
        "# Report\n\nWritten by `cargo bench -p ps-serialize-benches --bench report`, as are the figures and `results.json`, which \
         has the spread of every number here.\nA time is the median of its samples; vertical bars in figures go from the 10th \
         percentile to the 90th.\nSizes are those of a value's data.\n\n",
    );
    let kinds = || KINDS.iter().filter_map(|kind| Some((kind, results.get(kind.name)?)));
    bars(&mut text, kinds())?;
    old_and_new(&mut text, results, folder)?;
    for (kind, result) in kinds() {
        write!(text, "## {}\n\n{}\n\n", title(kind.name), kind.about)?;
        measured_on(&mut text, result)?;
        for direction in [Writing, Read] {
            match kind.cells {
                Cells::Sizes { .. } => by_size(&mut text, kind, result, direction, folder)?,
                Cells::Values(_) => by_value(&mut text, result, direction)?,
            }
        }
    }
    Ok(fs::write(folder.join("report.md"), text.trim_end().to_owned() + "\n")?)
}

fn title(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect::<String>().replace('-', " ")
}

fn verb(direction: Direction) -> &'static str {
    match direction {
        Writing => "writing",
        Read => "reading",
    }
}

fn measured_on(text: &mut String, result: &KindResult) -> Result {
    let facts: Vec<_> =
        result.machine.iter().map(|(what, value)| format!("{what} {value}")).collect();
    let mode = if result.quick { " in the quick mode" } else { "" };
    Ok(write!(text, "Measured {}{mode}. {}.\n\n", result.date, facts.join("; "))?)
}

fn bars<'r>(text: &mut String, kinds: impl Iterator<Item = (&'r Kind, &'r KindResult)>) -> Result {
    text.push_str("## Promises\n\n| kind | promise | limit | median | 10th–90th percentile | kept |\n|---|---|---:|---:|---:|---|\n");
    for (kind, result) in kinds {
        for bar in &result.bars {
            let unit = if bar.unit == "ns" { units::time } else { units::times };
            let [low, median, high] = bar.measured.map(unit);
            let kept = match bar.measured[1] / bar.limit {
                _ if bar.met => "yes".to_owned(),
                over => format!("**no**, {:.0} % over", (over - 1.0) * 100.0),
            };
            let (kind, name, limit) = (kind.name, &bar.name, unit(bar.limit));
            writeln!(text, "| {kind} | {name} | {limit} | {median} | {low} – {high} | {kept} |")?;
        }
    }
    text.push('\n');
    Ok(())
}

/// Names of contenders, in the order of their families.
fn names(cells: &[CellResult], direction: Direction) -> BTreeSet<(Family, &str)> {
    let all = cells.iter().flat_map(|cell| &cell.contenders);
    all.filter(|one| one.direction == direction)
        .map(|one| (one.family, one.name.as_str()))
        .collect()
}

fn by_size(
    text: &mut String,
    kind: &Kind,
    result: &KindResult,
    direction: Direction,
    folder: &Path,
) -> Result {
    let cells = &result.cells;
    let names = names(cells, direction);
    let lines = names.iter().map(|&(family, name)| Line {
        name: name.to_owned(),
        family,
        points: cells
            .iter()
            .filter_map(|cell| {
                Some((units::float(cell.bytes), cell.find(direction, name)?.nanoseconds))
            })
            .collect(),
    });
    let (kind_title, verb) = (title(kind.name), verb(direction));
    let heading = format!("{kind_title}: {verb}");
    let caption = format!(
        "Median time of a call, with its 10th to 90th percentile. Blue: ps-serialize; red: its Python module;\n\
         violet: its generic route; black: memory copies; orange: other crates; green: Python. {}.",
        result.date
    );
    let file = format!("{}-{verb}.svg", kind.name);
    let figure =
        Figure { title: &heading, caption: &caption, lines: lines.collect(), sizes: sizes(cells) };
    if cells.len() > 1 {
        figure.draw(&folder.join(&file))?;
        write!(text, "![{heading}, time over size]({file})\n\n")?;
    }
    table(text, &format!("{verb}, by size"), cells, direction, &names)
}

fn sizes(cells: &[CellResult]) -> Vec<(f64, String)> {
    cells.iter().map(|cell| (units::float(cell.bytes), cell.label.clone())).collect()
}

fn table(
    text: &mut String,
    heading: &str,
    cells: &[CellResult],
    direction: Direction,
    names: &BTreeSet<(Family, &str)>,
) -> Result {
    let labels: Vec<_> = cells.iter().map(|cell| cell.label.as_str()).collect();
    writeln!(text, "| {heading} | {} |", labels.join(" | "))?;
    writeln!(text, "|---|{}", "---:|".repeat(cells.len()))?;
    for (family, name) in names {
        write!(text, "| {} {name} |", family_mark(*family))?;
        for cell in cells {
            let found = cell.find(direction, name);
            let time = found.map_or_else(|| "–".to_owned(), |found| units::time(found.median()));
            write!(text, " {time} |")?;
        }
        text.push('\n');
    }
    text.push('\n');
    Ok(())
}

fn family_mark(family: Family) -> &'static str {
    match family {
        Family::Ours => "**ps-serialize**",
        Family::Module => "**Python module:**",
        Family::Generic => "ps-serialize,",
        Family::Floor => "floor:",
        Family::Rust => "Rust:",
        Family::Python => "Python:",
    }
}

/// Where sizes differ, so does what they are good for: a column of each.
fn by_value(text: &mut String, result: &KindResult, direction: Direction) -> Result {
    let names = names(&result.cells, direction);
    if names.is_empty() {
        return Ok(());
    }
    let verb = verb(direction);
    let encoded =
        |cell: &CellResult, name: &str| cell.find(direction, name).and_then(|found| found.encoded);
    let any =
        result.cells.iter().any(|cell| names.iter().any(|(_, name)| encoded(cell, name).is_some()));
    // Small values differ in their contenders, and each has a table of its own.
    let apart =
        result.cells.iter().all(|cell| cell.contenders.iter().all(|one| one.encoded.is_none()));
    if apart
        && result
            .cells
            .iter()
            .any(|cell| names.iter().any(|(_, name)| cell.find(direction, name).is_none()))
    {
        for cell in &result.cells {
            let cell = std::slice::from_ref(cell);
            let names = self::names(cell, direction);
            if !names.is_empty() {
                table(text, verb, cell, direction, &names)?;
            }
        }
        return Ok(());
    }
    table(text, &format!("{verb}, time"), &result.cells, direction, &names)?;
    if any && direction == Writing {
        let labels: Vec<_> = result.cells.iter().map(|cell| cell.label.as_str()).collect();
        writeln!(text, "| size over the frame's | {} |", labels.join(" | "))?;
        writeln!(text, "|---|{}", "---:|".repeat(labels.len()))?;
        for (family, name) in &names {
            write!(text, "| {} {name} |", family_mark(*family))?;
            for cell in &result.cells {
                match encoded(cell, name) {
                    Some(size) => {
                        write!(text, " {:.4} |", units::float(size) / units::float(cell.bytes))?;
                    }
                    None => text.push_str(" – |"),
                }
            }
            text.push('\n');
        }
        text.push('\n');
    }
    Ok(())
}

/// What is shown side by side for each kind: the first of these contenders that the kind has.
struct Compared {
    name: &'static str,
    family: Family,
    writing: &'static [&'static str],
    reading: &'static [&'static str],
}

const RUST: &str = "ps-serialize in Rust";
const GENERIC: &str = "Rust, generic route";
const TODAY: &str = "ProxyStore 1.1";
const BEFORE: &str = "ProxyStore 0.6";
const COPY: &str = "memcpy, touched memory";

const COMPARED: [Compared; 7] = [
    compared(RUST, Family::Ours, &["serialize"], &["deserialize"]),
    compared("Rust, without a copy", Family::Ours, &["parts"], &["borrowed", "view", "shared"]),
    compared(MODULE, Family::Module, &[MODULE], &[MODULE]),
    compared(GENERIC, Family::Generic, &["generic route"], &["generic route"]),
    compared(COPY, Family::Floor, &[COPY], &[COPY]),
    compared(TODAY, Family::Python, &[TODAY], &[TODAY]),
    compared(BEFORE, Family::Python, &[BEFORE], &[BEFORE]),
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

/// Both languages side by side, before and after.
fn old_and_new(text: &mut String, results: &Results, folder: &Path) -> Result {
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
        let panel = |(kind, cells): &(&str, &[CellResult])| {
            let lines = COMPARED.iter().map(|compared| line(compared, cells, &sizes, direction));
            (title(kind), lines.filter(|line| line.points.len() > 1).collect())
        };
        let figure = Panels {
            title: &heading,
            caption: "Median time of a call over the size of the value's data, with its 10th to 90th percentile. All charts have the same axes.\n\
                Thick lines: this library (blue) and its Python module (red). Dashed: what there was before, and today's ProxyStore (green).",
            panels: kinds.iter().map(panel).collect(),
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
