//! The identifiers that mean the same in every program, with or without their features.

use crate::identifier::Identifier;

/// The features of this version that are named in the table.
const FEATURES: [&str; 7] = ["lz4", "ndarray", "pickle", "polars", "safetensors", "torch", "zstd"];

pub(crate) struct Reserved {
    identifier: &'static str,
    pub(crate) meaning: &'static str,
    feature: &'static str,
}

impl Reserved {
    /// What a program without its serializer can do.
    pub(crate) fn advice(&self) -> String {
        if self.feature.is_empty() {
            let instead = match self.identifier {
                "PD" => "a Polars table, as `polars.from_pandas` makes it",
                _ => "bytes, text, an array, a table or plain data",
            };
            format!(
                "only Python can read it; send {instead}, from there instead. It can be passed on as it is"
            )
        } else {
            let feature = self.feature;
            let version =
                if FEATURES.contains(&feature) { "" } else { ", in a version that has it" };
            format!("turn on the feature `{feature}` of ps-serialize{version}")
        }
    }
}

pub(crate) fn find(identifier: &Identifier) -> Option<Reserved> {
    let table = ps_serialize_derive::__reserved!();
    let row = table.into_iter().find(|row| row.0.as_bytes() == identifier.as_bytes());
    row.map(|(identifier, meaning, feature)| Reserved { identifier, meaning, feature })
}
