//! NumPy's arrays and scalars inside of plain data.

use half::f16;
use ndarray::{ArrayViewD, Axis};
use serde::de::value::SeqDeserializer;
use serde::de::{Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::node::{Id, Node, Pickled};
use super::reader::Reader;
use super::value::Value;
use crate::builtin::array::{DynArray, Element, LONGEST_NAME};
use crate::builtin::dimensions::check_dimensions;
use crate::error::{Error, Result};

/// NumPy 2 writes `_core`, and NumPy 1 `core`.
pub(super) fn knows(module: &str, name: &str) -> bool {
    matches!((module, name), ("numpy", "ndarray" | "dtype")) || Maker::of(module, name).is_some()
}

#[derive(Clone, Copy)]
enum Maker {
    /// An empty array, to which a state is given.
    Reconstruct,
    FromBuffer,
    Scalar,
}

impl Maker {
    fn of(module: &str, name: &str) -> Option<Self> {
        let module = module.strip_prefix("numpy._core.").or(module.strip_prefix("numpy.core."))?;
        match (module, name) {
            ("multiarray", "_reconstruct") => Some(Self::Reconstruct),
            ("multiarray", "scalar") => Some(Self::Scalar),
            ("numeric", "_frombuffer") => Some(Self::FromBuffer),
            _ => None,
        }
    }

    fn of_call(pickled: &Pickled<'_>, global: Id) -> Option<Self> {
        let (module, name) = pickled.global(global)?;
        Self::of(module, name)
    }
}

pub(super) fn is_array(pickled: &Pickled<'_>, id: Id) -> bool {
    match pickled.node(id) {
        Node::Call { global, .. } => Maker::of_call(pickled, *global).is_some(),
        _ => false,
    }
}

/// The array that a call makes. Its elements stay where they are.
pub(super) fn array<'n>(reader: &Reader<'n, '_>, id: Id) -> Result<DynArray<'n>> {
    let pickled = reader.pickled;
    let Node::Call { global, arguments, state } = pickled.node(id) else { return Err(malformed()) };
    let arguments = pickled.tuple(*arguments);
    let maker = Maker::of_call(pickled, *global).ok_or_else(malformed)?;
    let (dtype, shape, fortran_order, data) = match (maker, arguments, state) {
        (Maker::Scalar, [dtype, data], None) => (*dtype, None, false, *data),
        (Maker::FromBuffer, [data, dtype, shape, order], None) => {
            let fortran_order = match pickled.text(*order) {
                Some("C") => false,
                Some("F") => true,
                _ => return Err(malformed()),
            };
            (*dtype, Some(*shape), fortran_order, *data)
        }
        (Maker::Reconstruct, [class, ..], Some(state)) => {
            if pickled.global(*class) != Some(("numpy", "ndarray")) {
                return Err(malformed());
            }
            let [_version, shape, dtype, fortran_order, data] = pickled.tuple(*state) else {
                return Err(malformed());
            };
            let fortran_order = match pickled.node(*fortran_order) {
                Node::Bool(fortran_order) => *fortran_order,
                Node::Int(fortran_order) => *fortran_order != 0,
                _ => return Err(malformed()),
            };
            (*dtype, Some(*shape), fortran_order, *data)
        }
        _ => return Err(malformed()),
    };
    let descr = descr(pickled, dtype)?;
    let shape = shape.map_or(Ok(Vec::new()), |shape| lengths(pickled, shape))?;
    let data = pickled.bytes(data).ok_or_else(|| {
        Error::custom("the elements of a NumPy array are Python objects, which are not plain data")
    })?;
    reader.charge(data.len() + size_of_val(&shape[..]))?;
    let array = DynArray::new(descr, shape, data)?;
    Ok(if fortran_order { array.with_fortran_order() } else { array })
}

fn lengths(pickled: &Pickled<'_>, shape: Id) -> Result<Vec<usize>> {
    // The shape of one dimension may be its length alone.
    let ids = match pickled.node(shape) {
        Node::Int(_) => &[shape][..],
        Node::Tuple(ids) => ids,
        _ => return Err(malformed()),
    };
    check_dimensions(ids.len())?;
    let lengths = ids.iter().map(|id| usize::try_from(pickled.integer(*id)?).ok());
    lengths.collect::<Option<_>>().ok_or_else(malformed)
}

/// `dtype('f8', False, True)` with the state `(3, '<', …)`.
fn descr(pickled: &Pickled<'_>, id: Id) -> Result<String> {
    let Node::Call { global, arguments, state } = pickled.node(id) else { return Err(malformed()) };
    if pickled.global(*global) != Some(("numpy", "dtype")) {
        return Err(malformed());
    }
    let code = pickled.tuple(*arguments).first().and_then(|code| pickled.text(*code));
    let is_name = |code: &&str| code.len() <= LONGEST_NAME && !code.starts_with('[');
    let code = code.filter(is_name).ok_or_else(malformed)?;
    let Some(state) = state else { return Ok(code.to_owned()) };
    let state = pickled.tuple(*state);
    let [_version, order, subarray, names, ..] = state else { return Err(malformed()) };
    for part in [subarray, names] {
        if !matches!(pickled.node(*part), Node::None) {
            return Err(Error::custom(
                "a NumPy array of a structured type in plain data: send it as a frame of its own, which is `NP`",
            ));
        }
    }
    let order = pickled.text(*order).ok_or_else(malformed)?;
    let order = match order {
        "=" if cfg!(target_endian = "little") => "<",
        "=" => ">",
        order => order,
    };
    let unit = match state.get(8) {
        Some(metadata) => unit(pickled, *metadata)?,
        None => String::new(),
    };
    let name = format!("{order}{code}{unit}");
    // It is written as one text, and read back from that.
    if name.len() > LONGEST_NAME {
        return Err(malformed());
    }
    Ok(name)
}

/// Of `datetime64` and `timedelta64`: `({}, (b'ns', 1, 1, 1))`.
fn unit(pickled: &Pickled<'_>, metadata: Id) -> Result<String> {
    let [_, unit] = pickled.tuple(metadata) else { return Ok(String::new()) };
    let [name, count, ..] = pickled.tuple(*unit) else { return Err(malformed()) };
    let name = pickled.bytes(*name).and_then(|name| std::str::from_utf8(name).ok());
    match (name, pickled.integer(*count)) {
        (Some(name), _) if name.len() > LONGEST_NAME => Err(malformed()),
        (Some("generic"), _) => Ok(String::new()),
        (Some(name), Some(1)) => Ok(format!("[{name}]")),
        (Some(name), Some(count)) => Ok(format!("[{count}{name}]")),
        _ => Err(malformed()),
    }
}

#[cold]
fn malformed() -> Error {
    Error::custom("not a NumPy array: its parts are not those that NumPy pickles")
}

/// Gives a visitor the elements, by dimension.
pub(super) fn visit<'de, V: Visitor<'de>>(
    reader: &Reader<'_, '_>,
    array: &DynArray<'_>,
    visitor: V,
) -> Result<V::Value> {
    // A million rows without elements have no bytes, and a byte in sixty dimensions is in sixty sequences.
    let mut rows: usize = 1;
    for length in array.shape().iter().take_while(|length| **length > 0) {
        reader.charge(rows.saturating_mul(size_of::<Value>()))?;
        rows = rows.saturating_mul(*length);
    }
    reader.charge(rows)?;
    macro_rules! visit_as {
        ($($element:ty)*) => {
            $(if let Ok(array) = array.to_array::<$element>() {
                return Elements(array.view()).deserialize_any(visitor);
            })*
        };
    }
    let descr = array.descr();
    let name = descr.trim_start_matches(['<', '>', '=', '|']);
    if name.starts_with(['m', 'M', 'S', 'a', 'U', 'V', 'c', '[']) {
        return Err(Error::custom(format!(
            "a NumPy array of {descr}, which is none of serde's types: `pickle::Value` takes it"
        )));
    }
    visit_as!(f64 f32 i64 i32 u8 bool i8 i16 u16 u32 u64);
    let array = array.to_array::<f16>()?.mapv(f32::from);
    Elements(array.view()).deserialize_any(visitor)
}

struct Elements<'a, A>(ArrayViewD<'a, A>);

impl<'de, A> IntoDeserializer<'de, Error> for Elements<'_, A>
where
    A: Element + IntoDeserializer<'de, Error>,
{
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de, A> Deserializer<'de> for Elements<'_, A>
where
    A: Element + IntoDeserializer<'de, Error>,
{
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.0.ndim() == 0 {
            return self
                .0
                .first()
                .copied()
                .ok_or_else(malformed)?
                .into_deserializer()
                .deserialize_any(visitor);
        }
        let parts = (0..self.0.len_of(Axis(0)))
            .map(|index| Self(self.0.clone().index_axis_move(Axis(0), index)));
        let mut parts = SeqDeserializer::new(parts);
        let value = visitor.visit_seq(&mut parts)?;
        parts.end()?;
        Ok(value)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
