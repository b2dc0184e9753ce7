//! The values of the built-in kinds.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;

#[cfg(feature = "ndarray")]
use super::bounded::display;
use super::bounded::{bounded, debug_in_line};
use super::report::Report;
#[cfg(any(feature = "ndarray", feature = "safetensors"))]
use super::{LIMIT, LISTED};
#[cfg(feature = "ndarray")]
use crate::builtin::array::DynArray;
#[cfg(feature = "safetensors")]
use crate::builtin::tensors::Tensors;
use crate::deserialize;
use crate::error::{Error, Result};
use crate::identifier::Identifier;
use crate::limits::Budget;
use crate::payload::Input;

/// How much of a text or of bytes is shown.
const PREVIEW: usize = 64;

/// Adds what is in a frame that means the same in every program.
pub(super) fn built_in(
    identifier: &Identifier,
    frame: &Bytes,
    payload: &[u8],
    budget: &Budget<'_>,
    report: &mut Report,
) -> Result<()> {
    let input = Input::from(frame).within(budget);
    match identifier.as_bytes() {
        b"BS" => bytes("bytes", payload, report),
        b"US" => text(deserialize::typed::<&str>(input)?, report),
        #[cfg(feature = "ndarray")]
        b"NP" => array(&deserialize::typed(input)?, report),
        #[cfg(feature = "safetensors")]
        b"ST" => tensors(&deserialize::typed(input)?, report),
        #[cfg(feature = "torch")]
        b"PT" => {
            let checkpoint: crate::builtin::torch::Checkpoint = deserialize::typed(input)?;
            tensors(checkpoint.tensors(), report);
            values(checkpoint.values(), report);
        }
        #[cfg(feature = "pickle")]
        b"PK" => {
            let value = deserialize::any(input)?;
            pickled(&*value, report);
        }
        b"PL" => super::tables::polars(input, payload, report)?,
        b"PD" => super::tables::pandas(input, payload, report)?,
        _ => {
            if let Some(reserved) = crate::reserved::find(identifier) {
                report.not_shown(reserved.advice());
            }
            bytes("payload", payload, report);
        }
    }
    Ok(())
}

pub(super) fn bytes(key: &'static str, bytes: &[u8], report: &mut Report) {
    let shown = bytes[..bytes.len().min(PREVIEW)].escape_ascii().to_string();
    let more = more(bytes.len(), bytes.len().min(PREVIEW));
    report.add(key, format!("b\"{shown}\"{more}"), shown);
}

fn text(text: &str, report: &mut Report) {
    let end = text.char_indices().nth(PREVIEW).map_or(text.len(), |(end, _)| end);
    let shown = &text[..end];
    report.add("text", format!("{shown:?}{}", more(text.len(), end)), shown);
}

fn more(all: usize, shown: usize) -> String {
    if all > shown { format!(" and {} bytes more", all - shown) } else { String::new() }
}

/// Adds how many of the things in a list are not in it.
pub(super) fn and_more(lines: &mut Vec<String>, all: usize, most: usize) {
    if all > most {
        lines.push(format!("and {} more", all - most));
    }
}

/// What a function prints that may panic, such as a user's.
pub(super) fn without_panics(print: impl FnOnce() -> String) -> String {
    catch_unwind(AssertUnwindSafe(print)).unwrap_or_else(|_| "(printing it panicked)".to_owned())
}

#[cfg(feature = "ndarray")]
fn array(array: &DynArray<'_>, report: &mut Report) {
    /// Elements that are not aligned are copied, if they take no more bytes than this.
    const COPIED: usize = 1 << 20;
    const FIRST: usize = 8;

    let order = if array.is_fortran_order() { "Fortran" } else { "C" };
    let descr = bounded(4 * PREVIEW, 1, format_args!("{}", array.descr()));
    report.text("dtype", descr);
    report.add("shape", format!("{:?}, in {order} order", array.shape()), array.shape());
    let data = array.data();
    let aligned = 1_usize << data.as_ptr().addr().trailing_zeros().min(6);
    let size = data.len();
    report.add(
        "data",
        format!("{size} bytes, aligned to {aligned} in memory"),
        serde_json::json!({ "bytes": size, "aligned": aligned, "order": order }),
    );
    macro_rules! elements {
        ($show:ident: $($element:ty)*) => {
            $(
                if let Ok(elements) = array.as_view::<$element>() {
                    return report.text("elements", $show(&elements));
                }
                if size <= COPIED
                    && let Ok(elements) = array.to_array::<$element>()
                {
                    return report.text("elements", $show(&elements.view()));
                }
                if let Some(first) = first(array, FIRST)
                    && let Ok(elements) = first.to_array::<$element>()
                {
                    return report.text("first", $show(&elements.view()));
                }
            )*
        };
    }
    elements!(display: bool i8 i16 i32 i64 u8 u16 u32 u64);
    elements!(display: num_complex::Complex<f32> num_complex::Complex<f64>);
    elements!(floats: half::f16 f32 f64);
    if let Some(first) = first(array, FIRST)
        && first.data().len() <= COPIED
        && let Ok(texts) = first.to_strings()
    {
        return report
            .text("first", bounded(LIMIT.min(4 << 10), LISTED, format_args!("{texts:?}")));
    }
    bytes("elements", data, report);
}

/// The elements by `Debug`, which writes large and small numbers with an exponent.
#[cfg(feature = "ndarray")]
fn floats<A: std::fmt::Debug>(array: &ndarray::ArrayViewD<'_, A>) -> String {
    let shown = debug_in_line(array);
    // `Debug` of an array writes the shape after the elements.
    shown.split(", shape=").next().unwrap_or_default().to_owned()
}

/// The first elements, in the order in which they are in memory.
#[cfg(feature = "ndarray")]
fn first<'a>(array: &'a DynArray<'_>, count: usize) -> Option<DynArray<'a>> {
    let size = array.item_size();
    let count = count.min(array.data().len().checked_div(size)?);
    DynArray::new(array.descr(), [count], &array.data()[..count * size]).ok()
}

/// Adds the texts and the tensors, by name.
#[cfg(feature = "safetensors")]
fn tensors(tensors: &Tensors<'_>, report: &mut Report) {
    use serde_json::{Map, Value, json};

    use super::table_of;

    if !tensors.metadata().is_empty() {
        let texts = || tensors.metadata().iter().take(LISTED);
        let shown = |text: &str| bounded(4 * PREVIEW, 1, format_args!("{text}"));
        let mut lines = table_of(
            texts().map(|(key, text)| [format!("{:?}", shown(key)), format!("{:?}", shown(text))]),
        );
        and_more(&mut lines, tensors.metadata().len(), LISTED);
        let json: Map<String, Value> =
            texts().map(|(key, text)| (shown(key), shown(text).into())).collect();
        report.add("texts", lines.join("\n"), json);
    }
    let listed = || tensors.iter().take(LISTED);
    let named = |name: &str| bounded(4 * PREVIEW, 1, format_args!("{name}"));
    let mut lines = table_of(listed().map(|(name, tensor)| {
        let shape = bounded(PREVIEW, 1, format_args!("{:?}", tensor.shape()));
        [
            format!("{:?}", named(name)),
            tensor.dtype().to_string(),
            shape,
            format!("{} bytes", tensor.data().len()),
        ]
    }));
    lines.insert(0, format!("{}", tensors.len()));
    and_more(&mut lines, tensors.len(), LISTED);
    let json: Vec<Value> = listed()
        .map(|(name, tensor)| {
            let (dtype, size) = (tensor.dtype().to_string(), tensor.data().len());
            json!({ "name": named(name), "dtype": dtype, "shape": tensor.shape(), "bytes": size })
        })
        .collect();
    report.add("tensors", lines.join("\n"), json!({ "count": tensors.len(), "first": json }));
}

/// Adds the values of a checkpoint, by name.
#[cfg(feature = "torch")]
fn values(
    values: &std::collections::BTreeMap<String, crate::builtin::pickle::Value>,
    report: &mut Report,
) {
    if values.is_empty() {
        return;
    }
    let listed = || values.iter().take(LISTED);
    let named = |name: &str| bounded(4 * PREVIEW, 1, format_args!("{name}"));
    let shown = |value| bounded(4 * PREVIEW, 1, format_args!("{value:?}"));
    let mut lines =
        super::table_of(listed().map(|(name, value)| [format!("{:?}", named(name)), shown(value)]));
    and_more(&mut lines, values.len(), LISTED);
    let json: serde_json::Map<_, _> =
        listed().map(|(name, value)| (named(name), shown(value).into())).collect();
    report.add("values", lines.join("\n"), json);
}

/// Plain data, or an instance of a Python class that a type of this program is annotated with.
#[cfg(feature = "pickle")]
fn pickled(value: &(dyn std::any::Any + Send + Sync), report: &mut Report) {
    use crate::builtin::pickle::Value;
    use crate::registry::registry;

    if let Some(value) = value.downcast_ref::<Value>() {
        return report.text("value", debug_in_line(value));
    }
    let Some(entry) = registry().class_of_value(value) else { return };
    report.text("class", entry.python_class().unwrap_or_default());
    report.text("class_type", entry.type_name());
    if !super::look::add_value(entry, value, report) {
        report.not_shown("its type has no `Debug`");
    }
}

/// The error of a frame whose cheap checks fail.
pub(super) fn broken(identifier: &str, name: &'static str, why: impl Into<String>) -> Error {
    Error::custom(why.into()).in_reading(Identifier::new(identifier.as_bytes()), name)
}
