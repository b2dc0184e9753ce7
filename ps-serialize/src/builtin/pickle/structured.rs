//! NumPy's structured types: their description, which is Python's `dtype.descr`, and the state that a
//! pickle gives to a `dtype`.

use std::collections::HashMap;
use std::fmt::Write;

use super::emit;
use super::node::{Id, Node, Pickled};
use super::numpy::{descr_of, lengths, not_an_array};
use super::opcode as op;
use crate::builtin::array::{DynArray, Field, Format, fields, quoted};
use crate::error::{Error, Result};
use crate::limits::{MAX_PICKLED_DESCR, exceeded};

/// The type of a field.
struct FieldType {
    descr: String,
    shape: Vec<usize>,
    size: usize,
}

/// The description of a structured type, from the names, the fields and the size in the state of a `dtype`.
pub(super) fn describe(
    pickled: &Pickled<'_>,
    names: Id,
    fields: Id,
    size: Id,
    depth: u32,
) -> Result<String> {
    let (Node::Tuple(names), Node::Dict(fields)) = (pickled.node(names), pickled.node(fields))
    else {
        return Err(not_an_array());
    };
    let depth = depth.checked_sub(1).ok_or_else(not_an_array)?;
    let size = natural(pickled, size)?;
    let fields: HashMap<_, _> =
        fields.as_chunks().0.iter().map(|[name, field]| (pickled.text(*name), *field)).collect();
    let mut text = "[".to_owned();
    let mut end = 0;
    for name in names {
        let name = pickled.text(*name).ok_or_else(not_an_array)?;
        let field = fields.get(&Some(name)).ok_or_else(not_an_array)?;
        let (dtype, offset, title) = match pickled.tuple(*field) {
            [dtype, offset] => (*dtype, *offset, None),
            [dtype, offset, title] => (*dtype, *offset, Some(*title)),
            _ => return Err(not_an_array()),
        };
        let offset = natural(pickled, offset)?;
        pad(&mut text, end, offset)?;
        let described = described(pickled, dtype, depth)?;
        end = offset.checked_add(described.size).ok_or_else(not_an_array)?;
        let name = quoted(name);
        let name = match title {
            None => name,
            Some(title) => {
                let title = pickled.text(title).ok_or_else(|| {
                    Error::custom("a field of a NumPy type has a title that is not text")
                })?;
                format!("({}, {name})", quoted(title))
            }
        };
        let _ = write!(text, "({name}, {}", described.descr);
        match &described.shape[..] {
            [] => text.push_str("), "),
            [length] => _ = write!(text, ", ({length},)), "),
            shape => {
                let shape = format!("{shape:?}");
                let _ = write!(text, ", ({})), ", &shape[1..shape.len() - 1]);
            }
        }
        if text.len() > MAX_PICKLED_DESCR {
            let what = "description of a pickled NumPy type in bytes";
            return Err(exceeded(what, MAX_PICKLED_DESCR, text.len()));
        }
    }
    pad(&mut text, end, size)?;
    text.truncate(text.trim_end_matches(", ").len());
    text.push(']');
    Ok(text)
}

fn natural(pickled: &Pickled<'_>, id: Id) -> Result<usize> {
    pickled.integer(id).and_then(|natural| usize::try_from(natural).ok()).ok_or_else(not_an_array)
}

/// Adds the description of the bytes between two fields.
fn pad(text: &mut String, end: usize, next: usize) -> Result<()> {
    let padding = next.checked_sub(end).ok_or_else(|| {
        Error::custom("a NumPy type whose fields overlap or are out of order has no `descr`")
    })?;
    if padding > 0 {
        let _ = write!(text, "('', '|V{padding}'), ");
    }
    Ok(())
}

fn described(pickled: &Pickled<'_>, dtype: Id, depth: u32) -> Result<FieldType> {
    if let Node::Call { state: Some(state), .. } = pickled.node(dtype)
        && let [_, _, subarray, ..] = pickled.tuple(*state)
        && let [base, shape] = pickled.tuple(*subarray)
    {
        let depth = depth.checked_sub(1).ok_or_else(not_an_array)?;
        let base = described(pickled, *base, depth)?;
        let mut shape = lengths(pickled, *shape)?;
        let count = shape.iter().try_fold(1, |count: usize, length| count.checked_mul(*length));
        let size = count.and_then(|count| count.checked_mul(base.size)).ok_or_else(not_an_array)?;
        shape.extend(base.shape);
        return Ok(FieldType { shape, size, ..base });
    }
    let name = descr_of(pickled, dtype, depth)?;
    let size = DynArray::new(name.as_str(), [0], &[][..])?.item_size();
    let descr = if name.starts_with('[') { name } else { format!("'{name}'") };
    Ok(FieldType { descr, shape: Vec::new(), size })
}

/// Writes the type as NumPy does.
pub(super) fn write(out: &mut Vec<u8>, descr: &str) -> Result<()> {
    write_fields(out, &fields(descr)?);
    Ok(())
}

fn write_fields(out: &mut Vec<u8>, fields: &[Field]) {
    let size = fields.iter().map(|field| field.size).sum();
    let named = || fields.iter().filter(|field| !field.is_padding());
    begin(out, size);
    emit::none(out);
    out.push(op::MARK);
    named().for_each(|field| emit::text(out, &field.name));
    out.push(op::TUPLE);
    emit::begin_dict(out);
    let mut offset = 0;
    for field in fields {
        if !field.is_padding() {
            for name in [Some(&field.name), field.title.as_ref()].into_iter().flatten() {
                emit::text(out, name);
                write_type(out, field);
                natural_number(out, offset);
                match &field.title {
                    None => out.push(op::TUPLE2),
                    Some(title) => {
                        emit::text(out, title);
                        out.push(op::TUPLE3);
                    }
                }
            }
        }
        offset += field.size;
    }
    emit::end_dict(out);
    end(out, size);
}

fn write_type(out: &mut Vec<u8>, field: &Field) {
    let write_format = |out: &mut Vec<u8>| match &field.format {
        Format::Name(name) => emit::named_dtype(out, name),
        Format::Fields(fields) => write_fields(out, fields),
    };
    if field.shape.is_empty() {
        return write_format(out);
    }
    begin(out, field.size);
    write_format(out);
    emit::begin_tuple(out, field.shape.len());
    field.shape.iter().for_each(|length| natural_number(out, *length));
    emit::end_tuple(out, field.shape.len());
    out.push(op::TUPLE2);
    emit::none(out);
    emit::none(out);
    end(out, field.size);
}

/// Writes `dtype('V16', False, True)` and the start of its state: a version and the byte order.
fn begin(out: &mut Vec<u8>, size: usize) {
    emit::named_dtype(out, &format!("V{size}"));
    out.push(op::MARK);
    emit::integer(out, 3);
    emit::text(out, "|");
}

/// Writes the end of the state: the size, the alignment and the flags.
fn end(out: &mut Vec<u8>, size: usize) {
    const FLAGS: i64 = 16;
    natural_number(out, size);
    emit::integer(out, 1);
    emit::integer(out, FLAGS);
    out.extend_from_slice(&[op::TUPLE, op::BUILD]);
}

fn natural_number(out: &mut Vec<u8>, number: usize) {
    match i64::try_from(number) {
        Ok(number) => emit::integer(out, number),
        Err(_) => emit::big_integer(out, &number.into()),
    }
}
