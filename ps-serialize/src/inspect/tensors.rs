//! Named tensors and PyTorch checkpoints.

use serde_json::{Map, Value, json};

use super::bounded::{bounded, name};
use super::list::{LISTED, and_more, table_of};
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
        let json: Map<String, Value> =
            texts().map(|(key, text)| (name(key), name(text).into())).collect();
        report.add("texts", lines.join("\n"), json);
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
    let json: Vec<Value> = listed()
        .map(|(key, tensor)| {
            let (dtype, size) = (tensor.dtype().to_string(), tensor.data().len());
            json!({ "name": name(key), "dtype": dtype, "shape": tensor.shape(), "bytes": size })
        })
        .collect();
    report.add("tensors", lines.join("\n"), json!({ "count": tensors.len(), "first": json }));
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
    let json: Map<String, Value> =
        listed().map(|(key, value)| (name(key), shown(value).into())).collect();
    report.add("values", lines.join("\n"), json);
}
