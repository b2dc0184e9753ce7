//! Tables. Without the features, they are described by their first and last bytes alone.

use super::report::Report;
#[cfg(not(feature = "pandas"))]
use crate::error::Error;
use crate::error::Result;
#[cfg(not(feature = "pandas"))]
use crate::identifier::Identifier;
use crate::payload::Payload;

#[cfg(feature = "polars")]
pub(super) fn polars(frame: Payload<'_, '_>, payload: &[u8], report: &mut Report) -> Result<()> {
    // A table that is not aligned would be copied.
    if payload.len() > super::LIMIT && !payload.as_ptr().addr().is_multiple_of(8) {
        let size = payload.len().to_string();
        report.larger("size of a table that is not aligned in memory, in bytes", &size);
        return Ok(());
    }
    shown::table(&crate::deserialize::typed(frame)?, report);
    Ok(())
}

#[cfg(feature = "pandas")]
pub(super) fn pandas(frame: Payload<'_, '_>, _payload: &[u8], report: &mut Report) -> Result<()> {
    let table: crate::builtin::pandas::Table = crate::deserialize::typed(frame)?;
    shown::table(table.frame(), report);
    report.text("index", super::bounded::debug_in_line(&table.index()));
    Ok(())
}

#[cfg(feature = "polars")]
mod shown {
    use polars_core::prelude::DataFrame;
    use serde_json::json;

    use crate::inspect::bounded::{bounded, name};
    use crate::inspect::list::{LISTED, and_more, table_of};
    use crate::inspect::report::Report;
    use crate::inspect::values::printed;

    /// The schema, and the first rows.
    pub(super) fn table(table: &DataFrame, report: &mut Report) {
        const ROWS: usize = 5;
        const CELL: usize = 64;
        let (rows, columns) = (table.height(), table.width());
        report.add("shape", format!("{rows} rows, {columns} columns"), [rows, columns].as_slice());
        let mut json = Vec::new();
        let described: Vec<[String; 3]> = table
            .columns()
            .iter()
            .take(LISTED)
            .map(|column| {
                let dtype = name(&column.dtype().to_string());
                let column_name = name(column.name());
                let cells = (0..rows.min(ROWS)).filter_map(|row| column.get(row).ok());
                // polars panics at dates that are out of its range.
                let cells = cells.map(|cell| printed(|| bounded(CELL, 1, format_args!("{cell}"))));
                let cells: Vec<String> = cells.collect();
                let more = if rows > ROWS { ", …" } else { "" };
                let shown = format!("{}{more}", cells.join(", "));
                json.push(json!({ "name": column_name, "dtype": dtype, "first": cells }));
                [format!("{column_name:?}"), dtype, shown]
            })
            .collect();
        let mut lines = table_of(described.into_iter());
        and_more(&mut lines, columns, LISTED);
        report.add("columns", lines.join("\n"), json);
    }
}

/// The advice on how to build an inspector that shows tables.
#[cfg(not(feature = "pandas"))]
fn advice(feature: &str) -> String {
    format!("build this inspector with the feature `{feature}` to see the columns and rows")
}

/// Looks at both ends of an Arrow IPC file, or at the start of a stream.
#[cfg(not(feature = "polars"))]
pub(super) fn polars(_frame: Payload<'_, '_>, payload: &[u8], report: &mut Report) -> Result<()> {
    const MAGIC: &[u8] = b"ARROW1";
    /// The first magic has two bytes of padding.
    const START: usize = MAGIC.len() + 2;
    /// The bytes that a message of a stream begins with.
    const CONTINUES: &[u8] = &[0xff; 4];
    let broken = |why: String| Err(broken("PL", "table", why));
    let size = payload.len();
    if payload.starts_with(CONTINUES) {
        report.text("table", format!("an Arrow IPC stream of {size} bytes"));
        report.not_shown(advice("polars"));
        return Ok(());
    }
    if !payload.starts_with(MAGIC) {
        return broken("an Arrow IPC file begins with `ARROW1`, and this does not".to_owned());
    }
    let Some(rest) = payload.strip_suffix(MAGIC).filter(|rest| rest.len() >= START) else {
        return broken(
            "an Arrow IPC file ends with `ARROW1`, and this does not: a part may be missing"
                .to_owned(),
        );
    };
    let Some((rest, length)) = rest[START..].split_last_chunk() else {
        return broken("the Arrow IPC file ends before the length of its footer".to_owned());
    };
    let footer = i32::from_le_bytes(*length);
    if usize::try_from(footer).is_ok_and(|footer| footer > 0 && footer <= rest.len()) {
        report
            .text("table", format!("an Arrow IPC file of {size} bytes, with a footer of {footer}"));
        report.not_shown(advice("polars"));
        return Ok(());
    }
    broken(format!(
        "the footer of the Arrow IPC file says that it has {footer} bytes, and there are {}",
        rest.len()
    ))
}

/// Looks at both ends of a pickle.
#[cfg(not(feature = "pandas"))]
pub(super) fn pandas(_frame: Payload<'_, '_>, payload: &[u8], report: &mut Report) -> Result<()> {
    /// The opcode that begins a pickle of protocol 2 or later, and the opcode that ends every pickle.
    const PROTOCOL: u8 = 0x80;
    const STOP: u8 = b'.';
    let broken = |why: String| Err(broken("PD", "pandas table", why));
    match payload {
        [PROTOCOL, version @ 2..=5, .., STOP] => {
            let size = payload.len();
            report.text("table", format!("a pickle of {size} bytes, in protocol {version}"));
            report.not_shown(advice("pandas"));
            Ok(())
        }
        [PROTOCOL, 2..=5, ..] => {
            broken("a pickle ends with `.`, and this does not: a part may be missing".to_owned())
        }
        _ => broken(
            "a pickled table begins with a protocol from 2 to 5, and this does not".to_owned(),
        ),
    }
}

/// The error for a frame with the wrong bytes at one of its ends.
#[cfg(not(feature = "pandas"))]
fn broken(identifier: &str, name: &'static str, why: String) -> Error {
    Error::custom(why).in_reading(Identifier::new(identifier.as_bytes()), name)
}
