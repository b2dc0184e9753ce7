//! Named tensors and PyTorch checkpoints.

use serde_json::json;

use super::bounded::{bounded, name};
use super::list::{LISTED, and_more, counted, table_of};
use super::report::Report;
use crate::builtin::tensors::Tensors;
#[cfg(feature = "torch")]
use crate::builtin::torch::Checkpoint;

/// The most bytes of a shape that are shown.
const SHAPE: usize = 64;
/// The most bytes that are shown of a value that is no tensor.
#[cfg(feature = "torch")]
const VALUE: usize = 256;

/// Adds the texts and the tensors, by name.
pub(super) fn add(tensors: &Tensors<'_>, report: &mut Report) {
    if !tensors.metadata().is_empty() {
        let texts = || tensors.metadata().iter().take(LISTED);
        let mut lines = table_of(
            texts().map(|(key, text)| [format!("{:?}", name(key)), format!("{:?}", name(text))]),
        );
        and_more(&mut lines, tensors.metadata().len(), LISTED);
        let json = texts().map(|(key, text)| json!({ "name": name(key), "text": name(text) }));
        report.add("texts", lines.join("\n"), counted(tensors.metadata().len(), json));
    }
    let listed = || tensors.iter().take(LISTED);
    let mut lines = table_of(listed().map(|(key, tensor)| {
        let shape = bounded(SHAPE, 1, format_args!("{:?}", tensor.shape()));
        [
            format!("{:?}", name(key)),
            tensor.dtype().to_string(),
            shape,
            format!("{} bytes", tensor.data().len()),
        ]
    }));
    lines.insert(0, tensors.len().to_string());
    and_more(&mut lines, tensors.len(), LISTED);
    let json = listed().map(|(key, tensor)| {
        let (dtype, size) = (tensor.dtype().to_string(), tensor.data().len());
        json!({ "name": name(key), "dtype": dtype, "shape": tensor.shape(), "bytes": size })
    });
    report.add("tensors", lines.join("\n"), counted(tensors.len(), json));
}

/// Adds the tensors and the values of a checkpoint, by name.
#[cfg(feature = "torch")]
pub(super) fn add_checkpoint(checkpoint: &Checkpoint, report: &mut Report) {
    add(checkpoint.tensors(), report);
    let values = checkpoint.values();
    if values.is_empty() {
        return;
    }
    let listed = || values.iter().take(LISTED);
    let shown = |value| bounded(VALUE, 1, format_args!("{value:?}"));
    let mut lines =
        table_of(listed().map(|(key, value)| [format!("{:?}", name(key)), shown(value)]));
    and_more(&mut lines, values.len(), LISTED);
    let json = listed().map(|(key, value)| json!({ "name": name(key), "value": shown(value) }));
    report.add("values", lines.join("\n"), counted(values.len(), json));
}
