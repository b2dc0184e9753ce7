//! What the schema of a stranger's file must be before polars is let near it.

use std::collections::HashSet;

use polars_arrow::datatypes::{
    DTYPE_CATEGORICAL_NEW, DTYPE_ENUM_VALUES_LEGACY, DTYPE_ENUM_VALUES_NEW,
};
use polars_arrow::io::ipc::format::ipc::planus::{self, Vector};
use polars_arrow::io::ipc::format::ipc::{Endianness, FieldRef, FooterRef, KeyValueRef, TypeRef};
use polars_core::prelude::TimeZone;

use crate::error::{Error, ErrorKind, Result};

/// How deep lists and structs may be nested.
const MAX_DEPTH: usize = 64;

/// Checks depth and number of fields, and the types. Gives how many bytes of names the chunks of each
/// batch have copies of: each array has those of all fields below it.
pub(super) fn check(footer: &FooterRef<'_>, footer_size: usize) -> Result<usize> {
    let schema = footer
        .schema()
        .map_err(Error::custom)?
        .ok_or_else(|| Error::custom("the footer has no schema"))?;
    if schema.endianness().map_err(Error::custom)? != Endianness::Little {
        return Err(Error::custom("a big-endian table; write it on a little-endian machine"));
    }
    let fields = schema
        .fields()
        .map_err(Error::custom)?
        .ok_or_else(|| Error::custom("the schema has no fields"))?;
    // Fields and metadata take more bytes than this, unless many share their place.
    let mut left = footer_size.saturating_mul(4);
    for metadata in [schema.custom_metadata(), footer.custom_metadata()] {
        check_metadata(metadata, &mut left, |_, _| Ok(()))?;
    }
    let mut names = 0_usize;
    for field in fields {
        check_field(&field.map_err(Error::custom)?, MAX_DEPTH, &mut left, &mut names)?;
    }
    Ok(names)
}

fn check_field(
    field: &FieldRef<'_>,
    depth: usize,
    left: &mut usize,
    names: &mut usize,
) -> Result<()> {
    let name = field.name().map_err(Error::custom)?.unwrap_or_default();
    let unreadable = |what: &str| Error::custom(format!("column {name:?} has {what}"));
    let Some(depth) = depth.checked_sub(1) else {
        let (what, limit) = ("nesting of a column's type", MAX_DEPTH as u64);
        return Err(ErrorKind::LimitExceeded { what, limit, found: limit + 1 }.into());
    };
    let mut size = 8 + name.len();
    check_metadata(field.custom_metadata(), left, |key, value| match key {
        "ARROW:extension:name" if value == "_POLARS_PYTHON_OBJECT" => {
            Err(unreadable("Python objects, which only their own process can read"))
        }
        _ if [DTYPE_ENUM_VALUES_LEGACY, DTYPE_ENUM_VALUES_NEW].contains(&key)
            && !are_categories(value) =>
        {
            Err(unreadable(
                "categories in another form than polars writes them, or one of them twice",
            ))
        }
        _ if key == DTYPE_CATEGORICAL_NEW && !is_categorical(value) => {
            Err(unreadable("a name of its categories in another form than polars writes it"))
        }
        _ => Ok(()),
    })?;
    match field.type_().map_err(Error::custom)? {
        Some(
            TypeRef::Map(_)
            | TypeRef::Union(_)
            | TypeRef::Interval(_)
            | TypeRef::RunEndEncoded(_)
            | TypeRef::ListView(_)
            | TypeRef::LargeListView(_),
        ) => return Err(unreadable("an Arrow type that this version does not read")),
        // polars takes narrow decimals inside of lists and structs for wide ones.
        Some(TypeRef::Decimal(decimal)) => {
            let bits = decimal.bit_width().map_err(Error::custom)?;
            if bits > 128 || bits < 128 && depth + 1 < MAX_DEPTH {
                let what =
                    format!("decimals of {bits} bits, which this version does not read there");
                return Err(unreadable(&what));
            }
        }
        Some(TypeRef::Timestamp(timestamp)) => {
            if let Some(zone) = timestamp.timezone().map_err(Error::custom)? {
                size += zone.len();
                TimeZone::opt_try_new(Some(zone)).map_err(Error::custom)?;
            }
        }
        _ => {}
    }
    // polars takes every dictionary of bytes for one of text, and repeats what is nested.
    if field.dictionary().map_err(Error::custom)?.is_some()
        && !matches!(
            field.type_().map_err(Error::custom)?,
            Some(
                TypeRef::Utf8(_)
                    | TypeRef::LargeUtf8(_)
                    | TypeRef::Utf8View(_)
                    | TypeRef::Int(_)
                    | TypeRef::FloatingPoint(_)
            )
        )
    {
        return Err(unreadable("a dictionary that is neither of text nor of numbers"));
    }
    take(left, size)?;
    let arrays_above = MAX_DEPTH - 1 - depth;
    *names = names.saturating_add(name.len().saturating_mul(arrays_above));
    if let Some(children) = field.children().map_err(Error::custom)? {
        for child in children {
            check_field(&child.map_err(Error::custom)?, depth, left, names)?;
        }
    }
    Ok(())
}

/// Texts, each after its length and a semicolon.
fn are_categories(mut texts: &str) -> bool {
    let mut seen = HashSet::new();
    while !texts.is_empty() {
        match counted(texts) {
            Some((text, rest)) if seen.insert(text) => texts = rest,
            _ => return false,
        }
    }
    true
}

/// A name and a namespace, each after its length and a semicolon, and the width of the numbers.
fn is_categorical(name: &str) -> bool {
    let width = || counted(counted(name)?.1)?.1.split_once(';');
    width().is_some_and(|(width, _)| matches!(width, "u8" | "u16" | "u32"))
}

fn counted(texts: &str) -> Option<(&str, &str)> {
    let (length, texts) = texts.split_once(';')?;
    texts.split_at_checked(length.parse().ok()?)
}

fn check_metadata(
    pairs: planus::Result<Option<Vector<'_, planus::Result<KeyValueRef<'_>>>>>,
    left: &mut usize,
    check: impl Fn(&str, &str) -> Result<()>,
) -> Result<()> {
    for pair in pairs.map_err(Error::custom)?.into_iter().flatten() {
        let pair = pair.map_err(Error::custom)?;
        let key = pair.key().map_err(Error::custom)?.unwrap_or_default();
        let value = pair.value().map_err(Error::custom)?.unwrap_or_default();
        check(key, value)?;
        take(left, key.len() + value.len())?;
    }
    Ok(())
}

fn take(left: &mut usize, size: usize) -> Result<()> {
    *left = left
        .checked_sub(size)
        .ok_or_else(|| Error::custom("the schema has fields or metadata that overlap"))?;
    Ok(())
}
