//! Lists, which may be cut.

use serde_json::{Value, json};

/// The most tensors, columns and so on that are listed.
pub(super) const LISTED: usize = 1000;

/// Adds a line with the number of things that a list leaves out.
pub(super) fn and_more(lines: &mut Vec<String>, all: usize, most: usize) {
    if all > most {
        lines.push(format!("and {} more", all - most));
    }
}

/// A list as JSON: the number of all things, and the first ones. Names may be cut and then be equal, so they are no keys.
pub(super) fn counted(all: usize, first: impl IntoIterator<Item = Value>) -> Value {
    json!({ "count": all, "first": Value::from_iter(first) })
}

/// The rows of a table as lines, with its columns below one another.
pub(super) fn table_of<const N: usize>(rows: impl Iterator<Item = [String; N]>) -> Vec<String> {
    let rows: Vec<_> = rows.collect();
    // A cell that is wider than this does not widen its column.
    const WIDEST: usize = 48;
    let width = |column: usize| {
        let widths = rows.iter().map(|row| row[column].chars().count());
        widths.filter(|width| *width <= WIDEST).max().unwrap_or(0)
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}
