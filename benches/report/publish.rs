//! What a person reads: `report.md`, and the figures that it shows.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::figure::{Figure, Line};
use crate::kinds::{Cells, KINDS, Kind};
use crate::measure::Direction::{self, Read, Write as Writing};
use crate::measure::Family;
use crate::old_and_new;
use crate::results::{CellResult, KindResult, Results};
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
    old_and_new::publish(&mut text, results, folder)?;
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

pub(crate) fn title(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect::<String>().replace('-', " ")
}

pub(crate) fn verb(direction: Direction) -> &'static str {
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

pub(crate) fn sizes(cells: &[CellResult]) -> Vec<(f64, String)> {
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
