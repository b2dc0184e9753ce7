//! Single Python objects of a column.

use std::borrow::Cow;

use polars_utils::float16::pf16;

use super::numbers::NOT_A_TIME;
use super::numpy::{self, Array, Data, Unit};
use super::source::{Source, short};
use crate::builtin::pickle::{self, Id, Node, Packed};
use crate::error::{Error, Result};

/// A Python object.
#[derive(Clone, Debug)]
pub(super) enum Cell<'n> {
    Missing,
    Bool(bool),
    Int(i128),
    Float(f64),
    Text(Cow<'n, str>),
    Bytes(&'n [u8]),
    Date(i32),
    Time(i64),
    /// Units since the beginning of 1970, nanoseconds of a unit, and a zone.
    Moment(i64, i64, Option<Box<str>>),
    /// Units, and nanoseconds of a unit.
    Duration(i64, i64),
    Decimal(Box<str>),
    /// A list, a tuple or an array.
    List(Id),
    Dict(&'n [Id]),
    Other(Box<str>),
}

/// The kind of the object.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Missing,
    Bool,
    Int,
    Float,
    Text,
    Bytes,
    Date,
    Time,
    Moment(Option<Box<str>>),
    Duration,
    Decimal,
    List,
    Dict,
    Other(Box<str>),
}

impl Kind {
    pub(super) fn name(&self) -> String {
        match self {
            Self::Missing => "`None`".to_owned(),
            Self::Bool => "`bool`".to_owned(),
            Self::Int => "`int`".to_owned(),
            Self::Float => "`float`".to_owned(),
            Self::Text => "`str`".to_owned(),
            Self::Bytes => "`bytes`".to_owned(),
            Self::Date => "`date`".to_owned(),
            Self::Time => "`time`".to_owned(),
            Self::Moment(None) => "`datetime`".to_owned(),
            Self::Moment(Some(zone)) => format!("`datetime` of the zone `{}`", short(zone)),
            Self::Duration => "`timedelta`".to_owned(),
            Self::Decimal => "`Decimal`".to_owned(),
            Self::List => "lists".to_owned(),
            Self::Dict => "`dict`".to_owned(),
            Self::Other(class) => format!("`{}`", short(class)),
        }
    }

    /// The most bytes that a value takes in a column, without what it refers to.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Missing | Self::Bool => 1,
            Self::Int
            | Self::Float
            | Self::Date
            | Self::Time
            | Self::Duration
            | Self::Moment(_) => 9,
            Self::List => 9 + size_of::<Cell<'_>>(),
            _ => 17,
        }
    }
}

impl<'n> Cell<'n> {
    pub(super) fn of(source: &Source<'n>, id: Id) -> Result<Self> {
        let pickled = source.pickled;
        Ok(match pickled.node(id) {
            Node::None => Self::Missing,
            Node::Bool(bool) => Self::Bool(*bool),
            Node::Int(number) => Self::Int((*number).into()),
            Node::BigInt(number) => match i128::try_from(&**number) {
                Ok(number) => Self::Int(number),
                Err(_) => return Err(Error::custom("a Python integer of more than 128 bits")),
            },
            Node::Float(float) => Self::Float(*float),
            Node::Text(text) => Self::Text(Cow::Borrowed(text)),
            Node::OldText(bytes) => match pickled.text(id) {
                Some(text) => Self::Text(Cow::Borrowed(text)),
                None => Self::Bytes(bytes),
            },
            Node::Bytes(bytes) | Node::ByteArray(bytes) => Self::Bytes(bytes),
            Node::List(_) | Node::Tuple(_) | Node::Numbers(_) => Self::List(id),
            Node::Dict(entries) => Self::Dict(entries),
            Node::Global(_) if pickled.is_missing(id) => Self::Missing,
            Node::Instance(_) => {
                use pickle::Cell::{Date, Decimal, Duration, Missing, Moment, Other, Time};
                match source.reader().cell(id)? {
                    Missing | Moment(NOT_A_TIME, _, _) | Duration(NOT_A_TIME, _) => Self::Missing,
                    Date(days) => Self::Date(days),
                    Moment(count, unit, zone) => Self::Moment(count, unit, zone.map(Into::into)),
                    Time(nanos) => Self::Time(nanos),
                    Duration(count, unit) => Self::Duration(count, unit),
                    Decimal(text) => Self::Decimal(text.into()),
                    Other(class) => {
                        source.charge(class.len())?;
                        Self::Other(class.into())
                    }
                }
            }
            Node::Call { .. } => match source.call(id) {
                Some(_) if pickle::is_scalar(pickled, id) => Self::scalar(source, id)?,
                Some(_) if numpy::is_array(source, id) => Self::List(id),
                // pandas 1 and 2 have another name for the function.
                Some(call) if call.name == "__nat_unpickle" => Self::Missing,
                Some(call) => {
                    Self::Other(format!("{}.{}", short(call.module), short(call.name)).into())
                }
                None => Self::Other("an object".into()),
            },
            Node::Complex(..) => Self::Other("complex".into()),
            Node::Set(_) => Self::Other("set".into()),
            Node::FrozenSet(_) => Self::Other("frozenset".into()),
            Node::Global(_) => Self::Other("a class or a function".into()),
            Node::Persistent(_) => Self::Other("an object elsewhere".into()),
        })
    }

    /// All objects of a list.
    pub(super) fn all(source: &Source<'n>, ids: &[Id]) -> Result<Vec<Self>> {
        source.charge_for::<Self>(ids.len())?;
        ids.iter().map(|id| Self::of(source, *id)).collect()
    }

    /// The objects of a row of an array.
    pub(super) fn row(source: &Source<'n>, array: &Array<'n>, row: usize) -> Result<Vec<Self>> {
        source.charge_for::<Self>(array.length)?;
        (0..array.length)
            .map(|index| Self::element(source, array, array.place(row, index)))
            .collect()
    }

    /// Appends what is in a list, a tuple or an array. A missing value has nothing in it.
    pub(super) fn elements(&self, source: &Source<'n>, into: &mut Vec<Self>) -> Result<()> {
        let Self::List(id) = self else { return Ok(()) };
        match source.pickled.node(*id) {
            Node::List(ids) | Node::Tuple(ids) => into.append(&mut Self::all(source, ids)?),
            Node::Numbers(numbers) => {
                source.charge_for::<Self>(numbers.len())?;
                into.extend((0..numbers.len()).map(|index| Self::number(numbers, index)));
            }
            _ => {
                let array = Array::of(source, *id)?;
                if array.rows != 1 {
                    return Err(Error::custom("arrays of two dimensions inside of a column"));
                }
                into.append(&mut Self::row(source, &array, 0)?);
            }
        }
        Ok(())
    }

    fn number(numbers: &Packed, index: usize) -> Self {
        match numbers {
            Packed::Floats(floats) => Self::Float(floats[index]),
            Packed::Integers(integers) => Self::Int(integers[index].into()),
        }
    }

    fn scalar(source: &Source<'n>, id: Id) -> Result<Self> {
        // NumPy's text and bytes are scalars too.
        if let Some([dtype, data]) = source.call(id).map(|call| call.arguments)
            && let Some(call) = source.call_of(*dtype, "dtype")
            && let Some(code) = call.arguments.first().and_then(|code| source.pickled.text(*code))
            && let Some(bytes) = source.pickled.bytes(*data)
        {
            let is_big = call
                .state
                .and_then(|state| source.pickled.tuple(state).get(1))
                .and_then(|order| source.pickled.text(*order))
                == Some(">");
            match code.as_bytes().first() {
                Some(b'U') => {
                    source.charge(bytes.len())?;
                    return text(bytes, is_big).map(|text| Self::Text(text.into()));
                }
                Some(b'S') => return Ok(Self::Bytes(bytes)),
                _ => {}
            }
        }
        let array = Array::of(source, id)?;
        Self::element(source, &array, 0)
    }

    fn element(source: &Source<'n>, array: &Array<'n>, place: usize) -> Result<Self> {
        let bytes = match array.data {
            Data::Objects(ids) => return Self::of(source, ids[place]),
            Data::Numbers(numbers) => return Ok(Self::number(numbers, place)),
            Data::Bytes(bytes) => &bytes[place * array.dtype.size..(place + 1) * array.dtype.size],
        };
        let mut native = [0; 16];
        native[..bytes.len()].copy_from_slice(bytes);
        if array.dtype.swapped {
            native[..bytes.len()].reverse();
        }
        macro_rules! number {
            ($type:ty) => {
                <$type>::from_ne_bytes(*native.first_chunk().expect("it has sixteen bytes"))
            };
        }
        let time = |make: fn(i64, i64) -> Self| {
            let nanos = match array.dtype.unit {
                Unit::Nano => 1,
                Unit::Micro => 1000,
                Unit::Milli => 1_000_000,
                Unit::Millis(millis) => millis.saturating_mul(1_000_000),
                Unit::Unknown => return Err(numpy::unknown("times of a unit without a length")),
            };
            Ok(match number!(i64) {
                NOT_A_TIME => Self::Missing,
                count => make(count, nanos),
            })
        };
        Ok(match (array.dtype.letter, array.dtype.size) {
            (b'b', _) => Self::Bool(native[0] != 0),
            (b'i', 1) => Self::Int(number!(i8).into()),
            (b'i', 2) => Self::Int(number!(i16).into()),
            (b'i', 4) => Self::Int(number!(i32).into()),
            (b'i', _) => Self::Int(number!(i64).into()),
            (b'u', 1) => Self::Int(number!(u8).into()),
            (b'u', 2) => Self::Int(number!(u16).into()),
            (b'u', 4) => Self::Int(number!(u32).into()),
            (b'u', _) => Self::Int(number!(u64).into()),
            (b'f', 2) => Self::Float(f32::from(pf16::from_bits(number!(u16))).into()),
            (b'f', 4) => Self::Float(number!(f32).into()),
            (b'f', _) => Self::Float(number!(f64)),
            (b'M', _) => time(|count, unit| Self::Moment(count, unit, None))?,
            (b'm', _) => time(Self::Duration)?,
            _ => Self::Other("complex".into()),
        })
    }

    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Missing => Kind::Missing,
            Self::Bool(_) => Kind::Bool,
            Self::Int(_) => Kind::Int,
            Self::Float(_) => Kind::Float,
            Self::Text(_) => Kind::Text,
            Self::Bytes(_) => Kind::Bytes,
            Self::Date(_) => Kind::Date,
            Self::Time(_) => Kind::Time,
            Self::Moment(_, _, zone) => Kind::Moment(zone.clone()),
            Self::Duration(..) => Kind::Duration,
            Self::Decimal(_) => Kind::Decimal,
            Self::List(_) => Kind::List,
            Self::Dict(_) => Kind::Dict,
            Self::Other(class) => Kind::Other(class.clone()),
        }
    }
}

/// Text of four bytes for each character.
fn text(bytes: &[u8], is_big: bool) -> Result<String> {
    let read = if is_big { u32::from_be_bytes } else { u32::from_le_bytes };
    let characters = bytes.as_chunks::<4>().0.iter().map(|bytes| char::from_u32(read(*bytes)));
    let text: Option<String> = characters.collect();
    let text = text.ok_or_else(|| Error::custom("a NumPy text that is not Unicode"))?;
    Ok(text.trim_end_matches('\0').to_owned())
}
