//! The checks on the schema of a stranger's file, before polars sees it.

use std::collections::HashSet;

use polars_arrow::datatypes::{
    DTYPE_CATEGORICAL_NEW, DTYPE_ENUM_VALUES_LEGACY, DTYPE_ENUM_VALUES_NEW,
};
use polars_arrow::io::ipc::format::ipc::planus::{self, Vector};
use polars_arrow::io::ipc::format::ipc::{
    Endianness, FieldRef, FooterRef, KeyValueRef, SchemaRef, TypeRef,
};
use polars_core::prelude::TimeZone;

use crate::error::{Error, Result};
use crate::limits::{MAX_COLUMN_DEPTH, exceeded};

/// Checks depth and number of fields, and the types. Gives how many bytes of names the chunks of each
/// batch have copies of: each array has those of all fields below it.
pub(super) fn check(footer: &FooterRef<'_>, footer_size: usize) -> Result<usize> {
    let schema = footer
        .schema()
        .map_err(Error::custom)?
        .ok_or_else(|| Error::custom("the footer has no schema"))?;
    check_parts(&schema, footer.custom_metadata(), footer_size)
}

/// Checks the schema of a stream, which takes this many bytes.
pub(super) fn check_alone(schema: &SchemaRef<'_>, size: usize) -> Result<usize> {
    check_parts(schema, Ok(None), size)
}

type Metadata<'m> = planus::Result<Option<Vector<'m, planus::Result<KeyValueRef<'m>>>>>;

fn check_parts(schema: &SchemaRef<'_>, metadata: Metadata<'_>, size: usize) -> Result<usize> {
    if schema.endianness().map_err(Error::custom)? != Endianness::Little {
        return Err(Error::custom("a big-endian table; write it on a little-endian machine"));
    }
    let fields = schema
        .fields()
        .map_err(Error::custom)?
        .ok_or_else(|| Error::custom("the schema has no fields"))?;
    // Fields and metadata take more bytes than this, unless many share their place.
    let mut left = size.saturating_mul(4);
    for metadata in [schema.custom_metadata(), metadata] {
        check_metadata(metadata, &mut left, |_, _| Ok(()))?;
    }
    let mut names = 0_usize;
    let mut seen = HashSet::new();
    for field in fields {
        let field = field.map_err(Error::custom)?;
        let name = field.name().map_err(Error::custom)?.unwrap_or_default();
        if !seen.insert(name) {
            return Err(Error::custom(format!(
                "two columns have the name {name:?}; rename one of them before the table is written"
            )));
        }
        let column = Column { name, left: &mut left, names: &mut names };
        column.check(&field, MAX_COLUMN_DEPTH)?;
    }
    Ok(names)
}

/// A column whose type is checked, and how many bytes its fields may still take.
struct Column<'a, 'l> {
    name: &'a str,
    left: &'l mut usize,
    names: &'l mut usize,
}

impl Column<'_, '_> {
    fn check(self, field: &FieldRef<'_>, depth: usize) -> Result<()> {
        let Self { name: column, left, names } = self;
        let name = field.name().map_err(Error::custom)?.unwrap_or_default();
        let is_top = depth == MAX_COLUMN_DEPTH;
        let unreadable = |found: &str, advice: &str| {
            let place = if is_top { String::new() } else { format!(", in its field {name:?},") };
            Error::custom(format!("column {column:?} has{place} {found}; {advice}"))
        };
        let depth = depth.checked_sub(1).ok_or_else(too_deep)?;
        let mut size = 8 + name.len();
        let ty = field.type_().map_err(Error::custom)?;
        let is_dictionary = field.dictionary().map_err(Error::custom)?.is_some();
        let is_text =
            matches!(ty, Some(TypeRef::Utf8(_) | TypeRef::LargeUtf8(_) | TypeRef::Utf8View(_)));
        let mut has_categories = false;
        check_metadata(field.custom_metadata(), left, |key, value| {
            if key == "ARROW:extension:name" && value == "_POLARS_PYTHON_OBJECT" {
                return Err(unreadable(
                    "Python objects, which only their own process can read",
                    "cast them to another type of polars in Python",
                ));
            }
            let is_enum = [DTYPE_ENUM_VALUES_LEGACY, DTYPE_ENUM_VALUES_NEW].contains(&key);
            let is_categorical = key == DTYPE_CATEGORICAL_NEW;
            has_categories |= is_enum || is_categorical;
            if is_enum && !are_categories(value) || is_categorical && !self::is_categorical(value) {
                return Err(unreadable(
                    "categories that are not as polars writes them, or a category twice",
                    "write the table with polars, or without the metadata of the field",
                ));
            }
            Ok(())
        })?;
        // polars would read any bytes as text.
        if is_dictionary && has_categories && !is_text {
            return Err(unreadable(
                "categories that are not text",
                "write the table with polars, or without the metadata of the field",
            ));
        }
        if let Some(ty) = ty {
            size += check_type(ty, is_top, &unreadable)?;
        }
        take(left, size)?;
        let arrays_above = MAX_COLUMN_DEPTH - 1 - depth;
        *names = names.saturating_add(name.len().saturating_mul(arrays_above));
        let children = field.children().map_err(Error::custom)?.into_iter().flatten();
        let mut seen = HashSet::new();
        for child in children {
            let child = child.map_err(Error::custom)?;
            let name = child.name().map_err(Error::custom)?.unwrap_or_default();
            if !seen.insert(name) {
                let found = format!("a struct with two fields {name:?}");
                return Err(unreadable(&found, "rename one of them"));
            }
            Column { name: column, left: &mut *left, names: &mut *names }.check(&child, depth)?;
        }
        Ok(())
    }
}

pub(super) fn too_deep() -> Error {
    exceeded("nesting of a column's type", MAX_COLUMN_DEPTH, MAX_COLUMN_DEPTH + 1)
}

/// Checks that polars has the type. Returns how many bytes the type takes beside the field's name.
fn check_type(
    ty: TypeRef<'_>,
    is_top: bool,
    unreadable: &dyn Fn(&str, &str) -> Error,
) -> Result<usize> {
    let (found, advice) = match ty {
        TypeRef::Union(_) => {
            ("a union, which polars has no type for", "send a column for each type that is in it")
        }
        TypeRef::Interval(_) => (
            "calendar intervals (`month_day_nano_interval` and its like), which polars has no type for",
            "cast them to a duration, or send months, days and the rest as columns of numbers",
        ),
        TypeRef::RunEndEncoded(_) => (
            "run-end-encoded values, which polars has no type for",
            "decode them first, in pyarrow with `pyarrow.compute.run_end_decode`",
        ),
        TypeRef::ListView(_) | TypeRef::LargeListView(_) => (
            "list views, which polars has no type for",
            "cast them to lists, in pyarrow with `cast(pyarrow.large_list(…))`",
        ),
        TypeRef::FixedSizeBinary(binary) if binary.byte_width().map_err(Error::custom)? < 1 => (
            "bytes of the fixed width 0, which polars has no type for",
            "cast them to `binary`, or leave the column out",
        ),
        TypeRef::Decimal(decimal) => {
            let bits = decimal.bit_width().map_err(Error::custom)?;
            let precision = decimal.precision().map_err(Error::custom)?;
            let scale = decimal.scale().map_err(Error::custom)?;
            // Inside of lists and structs, polars reads narrow decimals as wide ones.
            if bits > 128 || bits < 128 && !is_top {
                let place = if is_top { "" } else { " inside of another type" };
                return Err(unreadable(
                    &format!("decimals of {bits} bits{place}, which polars does not read"),
                    "cast them to `decimal128`",
                ));
            }
            if !(1..=38).contains(&precision) || !(0..=precision).contains(&scale) {
                return Err(unreadable(
                    &format!("decimals of the precision {precision} and the scale {scale}"),
                    "cast them to a precision of 1 to 38 and a scale from 0 to the precision, as polars has them",
                ));
            }
            return Ok(0);
        }
        TypeRef::Timestamp(timestamp) => {
            let zone = timestamp.timezone().map_err(Error::custom)?;
            return match TimeZone::opt_try_new(zone) {
                Ok(_) => Ok(zone.map_or(0, str::len)),
                Err(_) => Err(unreadable(
                    &format!("times of the unknown zone {:?}", zone.unwrap_or_default()),
                    "cast them to a zone of the IANA database, such as `UTC`",
                )),
            };
        }
        _ => return Ok(0),
    };
    Err(unreadable(found, advice))
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
    pairs: Metadata<'_>,
    left: &mut usize,
    mut check: impl FnMut(&str, &str) -> Result<()>,
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
