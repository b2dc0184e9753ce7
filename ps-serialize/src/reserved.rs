//! The identifiers that mean the same in every program, with or without their features.

use crate::identifier::Identifier;

pub(crate) struct Reserved {
    identifier: &'static str,
    pub(crate) meaning: &'static str,
    feature: &'static str,
}

impl Reserved {
    /// The advice for a program that has no serializer for such a frame.
    pub(crate) fn advice(&self) -> String {
        match (self.identifier, self.feature) {
            ("LZ", _) if cfg!(feature = "lz4") => OPENED.to_owned(),
            ("ZS", _) if cfg!(feature = "zstd") => OPENED.to_owned(),
            (_, "") => only_python("bytes, text, an array, a table or plain data"),
            (_, feature) => format!("turn on the feature `{feature}` of ps-serialize"),
        }
    }
}

/// Compressed frames have no serializer: they hold a frame of any kind.
const OPENED: &str = "it has no serializer of its own, because it holds a whole frame of any kind; the reading verbs open it, and `decompress` returns the frame inside";

fn only_python(instead: &str) -> String {
    format!(
        "only Python can read it; send {instead}, from there instead. It can be passed on as it is"
    )
}

pub(crate) fn find(identifier: &Identifier) -> Option<Reserved> {
    let table = ps_serialize_derive::__reserved!();
    let row = table.into_iter().find(|row| row.0.as_bytes() == identifier.as_bytes());
    row.map(|(identifier, meaning, feature)| Reserved { identifier, meaning, feature })
}
