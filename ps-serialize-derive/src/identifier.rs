use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, LitByteStr, Result};

/// The value of `Identifier::MAX_LEN` of the library.
const MAX_LEN: usize = 32;

struct Reserved {
    identifier: &'static str,
    meaning: &'static str,
    /// The cargo feature that brings its serializer; empty where there is none.
    feature: &'static str,
}

const fn reserved(
    identifier: &'static str,
    meaning: &'static str,
    feature: &'static str,
) -> Reserved {
    Reserved { identifier, meaning, feature }
}

const RESERVED: &[Reserved] = &[
    reserved("BS", "bytes", ""),
    reserved("US", "text", ""),
    reserved("NP", "NumPy arrays", "ndarray"),
    reserved("PL", "Polars tables", "polars"),
    reserved("PK", "pickled Python data", "pickle"),
    reserved("PD", "pickled pandas tables", "pandas"),
    reserved("CP", "cloudpickled Python objects", ""),
    reserved("ST", "safetensors", "safetensors"),
    reserved("PT", "PyTorch checkpoints", "torch"),
    reserved("LZ", "LZ4-compressed frames", "lz4"),
    reserved("ZS", "Zstandard-compressed frames", "zstd"),
];

pub(crate) fn reserved_table() -> TokenStream {
    let rows = RESERVED
        .iter()
        .map(|Reserved { identifier, meaning, feature }| quote!((#identifier, #meaning, #feature)));
    quote!([#(#rows),*])
}

/// Refuses what `Identifier::new` would refuse, and the reserved ones, at the literal.
pub(crate) fn check(literal: &LitByteStr) -> Result<()> {
    let bytes = literal.value();
    let is_space = |byte: &u8| matches!(byte, b'\t'..=b'\r' | b' ');
    let problem = if bytes.is_empty() {
        format!(
            "the identifier is empty: write 1 to {MAX_LEN} bytes, by convention two, as in `id = b\"05\"`"
        )
    } else if bytes.len() > MAX_LEN {
        format!(
            "the identifier has {} bytes: write at most {MAX_LEN}, by convention two",
            bytes.len()
        )
    } else if bytes.contains(&b'\n') {
        "the identifier contains a newline, which ends the identifier in a frame: leave it out"
            .to_owned()
    } else if bytes.first().is_some_and(is_space) || bytes.last().is_some_and(is_space) {
        "the identifier has white space at an end, which readers strip: leave it out".to_owned()
    } else if let Some(reserved) =
        RESERVED.iter().find(|reserved| reserved.identifier.as_bytes() == bytes)
    {
        format!(
            "the identifier `{}` is reserved: it means {} in every ps-serialize program; choose another",
            reserved.identifier, reserved.meaning
        )
    } else {
        return Ok(());
    };
    Err(Error::new(literal.span(), problem))
}
