//! The values of the built-in kinds.

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;

#[cfg(feature = "ndarray")]
use super::arrays;
#[cfg(feature = "pickle")]
use super::pickled;
use super::report::Report;
use super::tables;
#[cfg(feature = "safetensors")]
use super::tensors;
use crate::deserialize;
use crate::error::Result;
use crate::identifier::Identifier;
use crate::limits::Budget;
use crate::payload::Input;
use crate::reserved;

/// The most characters of a text, or bytes, that are shown.
const PREVIEW: usize = 64;

/// Adds the value in a frame of a built-in kind.
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
        b"NP" => arrays::add(&deserialize::typed(input)?, report),
        #[cfg(feature = "safetensors")]
        b"ST" => tensors::add(&deserialize::typed(input)?, report),
        #[cfg(feature = "torch")]
        b"PT" => tensors::add_checkpoint(&deserialize::typed(input)?, report),
        #[cfg(feature = "pickle")]
        b"PK" => pickled::add(&*deserialize::any(input)?, report),
        b"PL" => tables::polars(input, payload, report)?,
        b"PD" => tables::pandas(input, payload, report)?,
        _ => {
            if let Some(reserved) = reserved::find(identifier) {
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

/// The result of a function that runs the code of a user or of polars, or `None` if the function panics.
pub(super) fn without_panics<T>(work: impl FnOnce() -> T) -> Option<T> {
    // To drop what a panic carries could panic again.
    catch_unwind(AssertUnwindSafe(work)).map_err(mem::forget).ok()
}

/// The text that a function returns, or that it panicked.
pub(super) fn printed(print: impl FnOnce() -> String) -> String {
    without_panics(print).unwrap_or_else(|| "(printing it panicked)".to_owned())
}
