//! Plain Python data.

use arbitrary::{Arbitrary, Result, Unstructured};
use num_bigint::{BigInt, Sign};
use ps_serialize::pickle::{Object, Value};

use crate::arrays;

/// Nested not much deeper than this.
pub fn value(u: &mut Unstructured<'_>, depth: u32) -> Result<Value> {
    Ok(match u.int_in_range(0..=if depth == 0 { 12 } else { 17 })? {
        0 => Value::None,
        1 => Value::Bool(u.arbitrary()?),
        2 => Value::Int(u.arbitrary()?),
        3 => big_integer(u)?,
        4 => Value::Float(u.arbitrary()?),
        5 => Value::Complex(u.arbitrary()?, u.arbitrary()?),
        6 => Value::Str(String::arbitrary(u)?.repeat(times(u)?)),
        7 => Value::Bytes(Vec::arbitrary(u)?.repeat(times(u)?)),
        8 => Value::ByteArray(Vec::arbitrary(u)?.repeat(times(u)?)),
        9 => array(u)?,
        10 => object(Object::member("m", "C", u.arbitrary::<i64>()?)),
        11 => object(Object::new("m", "C.D", [("text", String::arbitrary(u)?)])),
        12 => object(Object::from_text("datetime.datetime", u.choose(MOMENTS)?)),
        13 => Value::List(values(u, depth)?),
        14 => Value::Tuple(values(u, depth)?),
        15 => Value::Set(values(u, depth)?),
        16 => Value::FrozenSet(values(u, depth)?),
        _ => Value::Dict(
            (0..u.int_in_range(0..=5)?)
                .map(|_| Ok((value(u, depth - 1)?, value(u, depth - 1)?)))
                .collect::<Result<_>>()?,
        ),
    })
}

const MOMENTS: &[&str] =
    &["2026-11-27T12:00:00.25Z", "0001-01-01T00:00:00-23:59", "9999-12-31T23:59:59[Europe/Berlin]"];

fn object(object: ps_serialize::Result<Object>) -> Value {
    object.expect("a reader takes it").into()
}

fn values(u: &mut Unstructured<'_>, depth: u32) -> Result<Vec<Value>> {
    (0..u.int_in_range(0..=5)?).map(|_| value(u, depth - 1)).collect()
}

/// From time to time over the lengths from which on other opcodes are written, and bytes are borrowed.
fn times(u: &mut Unstructured<'_>) -> Result<usize> {
    Ok(if u.ratio(1, 16)? { 3000 } else { 1 })
}

/// An integer that is too large for an `Int`. Smaller ones are read back as an `Int`.
fn big_integer(u: &mut Unstructured<'_>) -> Result<Value> {
    let sign = if u.arbitrary()? { Sign::Plus } else { Sign::Minus };
    let size = u.int_in_range(9..=600)?;
    let mut bytes = arrays::bytes(u, size)?;
    bytes[size - 1] |= 1;
    Ok(Value::BigInt(Box::new(BigInt::from_bytes_le(sign, &bytes))))
}

/// Structured types are not written into pickles, and byte orders are as NumPy writes them.
fn array(u: &mut Unstructured<'_>) -> Result<Value> {
    let array = arrays::dynamic(u)?;
    Ok(if array.descr().starts_with('[') { Value::None } else { Value::from(array) })
}

/// Whether the values are equal. A NaN is equal to the same NaN.
pub fn same(a: &Value, b: &Value) -> bool {
    let float = |a: &f64, b: &f64| a.to_bits() == b.to_bits();
    let all =
        |a: &[Value], b: &[Value]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b));
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => float(a, b),
        (Value::Complex(a, c), Value::Complex(b, d)) => float(a, b) && float(c, d),
        (Value::List(a), Value::List(b))
        | (Value::Tuple(a), Value::Tuple(b))
        | (Value::Set(a), Value::Set(b))
        | (Value::FrozenSet(a), Value::FrozenSet(b)) => all(a, b),
        (Value::Dict(a), Value::Dict(b)) => {
            let mut entries = a.iter().zip(b);
            a.len() == b.len() && entries.all(|(a, b)| same(&a.0, &b.0) && same(&a.1, &b.1))
        }
        (a, b) => a == b,
    }
}
