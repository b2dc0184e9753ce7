//! What the schema of a stranger's file must be before polars is let near it.

use polars_arrow::io::ipc::format::ipc::{Endianness, FieldRef, FooterRef, TypeRef};

use crate::error::{Error, ErrorKind, Result};

/// How deep lists and structs may be nested.
const MAX_DEPTH: usize = 64;

/// Checks depth and number of fields, and the types.
pub(super) fn check(footer: &FooterRef<'_>, footer_size: usize) -> Result<()> {
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
    // A field takes more bytes than this, unless many share their place.
    let mut left = footer_size.saturating_mul(4);
    for field in fields {
        check_field(&field.map_err(Error::custom)?, MAX_DEPTH, &mut left)?;
    }
    Ok(())
}

fn check_field(field: &FieldRef<'_>, depth: usize, left: &mut usize) -> Result<()> {
    let name = field.name().map_err(Error::custom)?.unwrap_or_default();
    let unreadable = |what: &str| Error::custom(format!("column {name:?} has {what}"));
    let Some(depth) = depth.checked_sub(1) else {
        let (what, limit) = ("nesting of a column's type", MAX_DEPTH as u64);
        return Err(ErrorKind::LimitExceeded { what, limit, found: limit + 1 }.into());
    };
    let mut size = 8 + name.len();
    for pair in field.custom_metadata().map_err(Error::custom)?.into_iter().flatten() {
        let pair = pair.map_err(Error::custom)?;
        let key = pair.key().map_err(Error::custom)?.unwrap_or_default();
        let value = pair.value().map_err(Error::custom)?.unwrap_or_default();
        if key == "ARROW:extension:name" && value == "_POLARS_PYTHON_OBJECT" {
            return Err(unreadable("Python objects, which only their own process can read"));
        }
        size += key.len() + value.len();
    }
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
            size += timestamp.timezone().map_err(Error::custom)?.map_or(0, str::len);
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
    *left = left
        .checked_sub(size)
        .ok_or_else(|| Error::custom("the schema has fields that overlap"))?;
    if let Some(children) = field.children().map_err(Error::custom)? {
        for child in children {
            check_field(&child.map_err(Error::custom)?, depth, left)?;
        }
    }
    Ok(())
}
