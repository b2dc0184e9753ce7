//! Labels as text: what Python's `str` gives.

use polars_core::prelude::{AnyValue, DataType, Series, TimeUnit};

use super::cells::Cell;
use super::index;
use super::source::Source;
use crate::builtin::pickle::{Id, Node};
use crate::error::{Error, Result};

/// The labels of columns.
pub(super) fn labels(source: &Source<'_>, id: Id) -> Result<Vec<String>> {
    let call = source.call(id).ok_or_else(index::invalid)?;
    if let Some(range) = index::range(source, call)? {
        source.charge_for::<[String; 4]>(range.length)?;
        return Ok(range.iter().map(|number| number.to_string()).collect());
    }
    if let Some((levels, _)) = index::levels(source, call)? {
        let levels = levels.into_iter().map(decoded).collect::<Result<Vec<_>>>()?;
        let count = levels.first().map_or(0, |level| level.len());
        let label = |place: usize| {
            let parts = levels.iter().map(|level| {
                let value = level.get(place).map_err(Error::custom)?;
                text(source, &value, true)
            });
            Ok(tuple(&parts.collect::<Result<Vec<_>>>()?))
        };
        return (0..count).map(label).collect();
    }
    // Python objects may be of several kinds.
    if let Some(objects) = objects(source, id)? {
        return objects;
    }
    let values = decoded(index::values(source, id)?)?;
    let texts = values.iter();
    texts.map(|value| text(source, &value, false)).collect()
}

/// Categories as text.
fn decoded(values: Series) -> Result<Series> {
    match values.dtype() {
        DataType::Categorical(..) | DataType::Enum(..) => {
            values.cast(&DataType::String).map_err(Error::custom)
        }
        _ => Ok(values),
    }
}

/// The labels that are Python objects.
fn objects(source: &Source<'_>, id: Id) -> Result<Option<Result<Vec<String>>>> {
    use super::numpy::{Array, is_array};

    let Some(call) = source.call(id) else { return Ok(None) };
    let ("_new_Index", [_, state]) = (call.name, call.arguments) else { return Ok(None) };
    let Some(data) = source.entry(*state, "data")? else { return Ok(None) };
    if !is_array(source, data) {
        return Ok(None);
    }
    let array = Array::of(source, data)?.one_row()?;
    if array.dtype.letter != b'O' {
        return Ok(None);
    }
    let cells = Cell::row(source, &array, 0)?;
    Ok(Some(cells.iter().map(|cell| of_cell(source, cell, false, DEPTH)).collect()))
}

/// The largest depth of the tuples in a label.
const DEPTH: u32 = 16;

pub(super) fn of_object(source: &Source<'_>, id: Id) -> Result<String> {
    of_cell(source, &Cell::of(source, id)?, false, DEPTH)
}

/// The text that Python's `str` gives, or `repr` for an element of a tuple.
fn of_cell(source: &Source<'_>, cell: &Cell<'_>, is_inside: bool, depth: u32) -> Result<String> {
    let depth = depth.checked_sub(1).ok_or_else(|| Error::custom("a label of too many levels"))?;
    let text = match cell {
        Cell::Missing => "None".to_owned(),
        Cell::Bool(bool) => capital(*bool).to_owned(),
        Cell::Int(number) => number.to_string(),
        Cell::Float(float) => float_text(*float),
        Cell::Text(text) if is_inside => quoted(text),
        Cell::Text(text) => text.clone().into_owned(),
        Cell::Date(days) if !is_inside => day_text(*days)?,
        Cell::Moment(count, unit, None) if !is_inside => moment_text(*count, *unit, "")?,
        Cell::Moment(count, unit, Some(zone)) if !is_inside && &**zone == "UTC" => {
            moment_text(*count, *unit, "+00:00")?
        }
        Cell::Decimal(text) if !is_inside => text.to_string(),
        Cell::List(id) if matches!(source.pickled.node(*id), Node::Tuple(_)) => {
            let parts = source.pickled.tuple(*id).iter();
            let parts = parts.map(|part| of_cell(source, &Cell::of(source, *part)?, true, depth));
            tuple(&parts.collect::<Result<Vec<_>>>()?)
        }
        cell => {
            return Err(Error::custom(format!(
                "a label that is {}: make the labels text in Python",
                cell.kind().name()
            )));
        }
    };
    charge(source, &text)?;
    Ok(text)
}

/// A label is the name of a column too, and a part of the label of several levels.
fn charge(source: &Source<'_>, label: &str) -> Result<()> {
    source.charge(3 * (label.len() + size_of::<String>()))
}

/// The text of a label that is in a column.
fn text(source: &Source<'_>, value: &AnyValue<'_>, is_inside: bool) -> Result<String> {
    let text = match value {
        AnyValue::String(text) if is_inside => quoted(text),
        AnyValue::String(text) => (*text).to_owned(),
        AnyValue::Null => "nan".to_owned(),
        AnyValue::Date(days) if !is_inside => day_text(*days)?,
        AnyValue::Boolean(bool) => capital(*bool).to_owned(),
        AnyValue::Float64(float) => float_text(*float),
        AnyValue::Float32(float) => float_text((*float).into()),
        AnyValue::Datetime(count, unit, zone) => {
            let zone = match zone.as_ref().map(|zone| zone.as_str()) {
                None => "",
                Some("UTC") => "+00:00",
                Some(_) => {
                    return Err(Error::custom(
                        "labels that are times of a zone: make them text in Python",
                    ));
                }
            };
            let text = moment_text(*count, nanoseconds(*unit), zone)?;
            if is_inside { format!("Timestamp('{text}')") } else { text }
        }
        value => match value.dtype() {
            dtype if dtype.is_integer() => value.str_value().into_owned(),
            dtype => {
                return Err(Error::custom(format!(
                    "labels of the type {dtype}: make them text in Python"
                )));
            }
        },
    };
    charge(source, &text)?;
    Ok(text)
}

fn tuple(parts: &[String]) -> String {
    match parts {
        [one] => format!("({one},)"),
        parts => format!("({})", parts.join(", ")),
    }
}

/// `2026-11-27`. polars has no text for days outside of its calendar.
fn day_text(days: i32) -> Result<String> {
    const FARTHEST: u32 = 90_000_000;

    if days.unsigned_abs() > FARTHEST {
        return Err(Error::custom("a label that is a time too far away: make it text in Python"));
    }
    Ok(AnyValue::Date(days).to_string())
}

fn capital(bool: bool) -> &'static str {
    if bool { "True" } else { "False" }
}

fn nanoseconds(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Nanoseconds => 1,
        TimeUnit::Microseconds => 1000,
        TimeUnit::Milliseconds => 1_000_000,
    }
}

/// `2026-11-27 12:00:00`, with as many digits after the point as pandas writes.
fn moment_text(count: i64, unit: i64, zone: &str) -> Result<String> {
    const DAY: i128 = 24 * 3600 * 1_000_000_000;
    let nanos = i128::from(count) * i128::from(unit);
    let day = i32::try_from(nanos.div_euclid(DAY)).unwrap_or(i32::MAX);
    let nanos = nanos.rem_euclid(DAY);
    let (seconds, nanos) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
    let fraction = match nanos {
        0 => String::new(),
        nanos if nanos % 1000 == 0 => format!(".{:06}", nanos / 1000),
        nanos => format!(".{nanos:09}"),
    };
    let day = day_text(day)?;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    Ok(format!("{day} {hours:02}:{minutes:02}:{seconds:02}{fraction}{zone}"))
}

/// Python's `repr` of a float.
fn float_text(float: f64) -> String {
    if float.is_nan() {
        return "nan".to_owned();
    }
    if float.is_infinite() {
        return if float > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let size = float.abs();
    if size != 0.0 && !(1e-4..1e16).contains(&size) {
        let text = format!("{float:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = match exponent.strip_prefix('-') {
            Some(exponent) => ('-', exponent),
            None => ('+', exponent),
        };
        return format!("{digits}e{sign}{exponent:0>2}");
    }
    format!("{float:?}")
}

/// Python's `repr` of a text, for the characters that are most often in labels.
fn quoted(text: &str) -> String {
    let escaped =
        text.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t").replace('\r', "\\r");
    if escaped.contains('\'') && !escaped.contains('"') {
        format!("\"{escaped}\"")
    } else {
        format!("'{}'", escaped.replace('\'', "\\'"))
    }
}
