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
    // A field takes more bytes than this, unless several share their place.
    let mut left = footer_size / 8;
    for field in fields {
        check_field(&field.map_err(Error::custom)?, MAX_DEPTH, &mut left)?;
    }
    Ok(())
}

fn check_field(field: &FieldRef<'_>, depth: usize, left: &mut usize) -> Result<()> {
    let Some(depth) = depth.checked_sub(1) else {
        let (what, limit) = ("nesting of a column's type", MAX_DEPTH as u64);
        return Err(ErrorKind::LimitExceeded { what, limit, found: limit + 1 }.into());
    };
    *left =
        left.checked_sub(1).ok_or_else(|| Error::custom("the schema has fields that overlap"))?;
    let found = field.type_().map_err(Error::custom)?;
    if let Some(
        TypeRef::Map(_)
        | TypeRef::Union(_)
        | TypeRef::Interval(_)
        | TypeRef::RunEndEncoded(_)
        | TypeRef::ListView(_)
        | TypeRef::LargeListView(_),
    ) = found
    {
        let name = field.name().map_err(Error::custom)?.unwrap_or_default();
        return Err(Error::custom(format!(
            "column {name:?} has an Arrow type that this version does not read"
        )));
    }
    if let Some(children) = field.children().map_err(Error::custom)? {
        for child in children {
            check_field(&child.map_err(Error::custom)?, depth, left)?;
        }
    }
    Ok(())
}
