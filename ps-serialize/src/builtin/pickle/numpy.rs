//! NumPy's arrays and scalars inside of plain data.

use serde::de::{Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::item::Item;
use super::node::{Id, Node, Pickled, Piece};
use super::objects::is_text_type;
use super::structured;
use super::to_serde::{Number, visit_all};
use super::to_value::Reader;
use super::value::Value;
use crate::builtin::array::{DynArray, Kind};
use crate::codec::nesting::Nesting;
use crate::error::{Error, Result};
use crate::limits::{MAX_DTYPE_DEPTH, MAX_DTYPE_NAME, check_dimensions};

/// NumPy 2 writes `_core`, and NumPy 1 `core`.
pub(super) fn knows(module: &str, name: &str) -> bool {
    matches!((module, name), ("numpy", "ndarray" | "dtype"))
        || is_text_type(module, name)
        || Maker::of(module, name).is_some()
}

#[derive(Clone, Copy)]
enum Maker {
    /// An empty array, to which a state is given.
    Reconstruct,
    FromBuffer,
    Scalar,
    /// The class itself, given memory: what this library writes into instances of classes.
    Array,
}

impl Maker {
    fn of(module: &str, name: &str) -> Option<Self> {
        if (module, name) == ("numpy", "ndarray") {
            return Some(Self::Array);
        }
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

pub(crate) fn is_array(pickled: &Pickled<'_>, id: Id) -> bool {
    match pickled.node(id) {
        Node::Call { global, .. } => Maker::of_call(pickled, *global).is_some(),
        _ => false,
    }
}

pub(crate) fn is_scalar(pickled: &Pickled<'_>, id: Id) -> bool {
    match pickled.node(id) {
        Node::Call { global, .. } => {
            matches!(Maker::of_call(pickled, *global), Some(Maker::Scalar))
        }
        _ => false,
    }
}

/// The array that a call makes. Its elements stay where they are.
pub(super) fn array<'n>(reader: &Reader<'n, '_>, id: Id) -> Result<DynArray<'n>> {
    parts(reader, id)?.array()
}

/// The element of an array without dimensions, or of a scalar.
pub(super) fn item<'n, 'p>(
    reader: &Reader<'n, 'p>,
    id: Id,
    nesting: Nesting,
) -> Result<Option<Item<'n, 'p>>> {
    let parts = parts(reader, id)?;
    if !parts.shape.is_empty() {
        return Ok(None);
    }
    let data = parts.data;
    let array = parts.array()?;
    let kind = array.kind().ok_or_else(|| no_serde_type(array.descr()))?;
    Ok(Some(Item::new(kind, data, nesting)))
}

/// The parts of an array.
pub(super) struct Parts<'n, 'p: 'n> {
    pub(super) descr: String,
    pub(super) shape: Vec<usize>,
    pub(super) fortran_order: bool,
    pub(super) data: Piece<'n, 'p>,
}

impl<'n> Parts<'n, '_> {
    fn array(self) -> Result<DynArray<'n>> {
        let array = DynArray::new(self.descr, self.shape, self.data.as_slice())?;
        Ok(if self.fortran_order { array.with_fortran_order() } else { array })
    }
}

pub(super) fn parts<'n, 'p>(reader: &Reader<'n, 'p>, id: Id) -> Result<Parts<'n, 'p>> {
    let pickled = reader.pickled;
    let Description { descr, shape, fortran_order, data } = describe(reader, id)?;
    let data = pickled.piece(data).ok_or_else(|| {
        Error::custom("the elements of a NumPy array are Python objects: make it a list (`array.tolist()`), or numbers or text (`array.astype(…)`)")
    })?;
    reader.charge(size_of::<DynArray<'_>>() + data.as_slice().len() + size_of_val(&shape[..]))?;
    Ok(Parts { descr, shape, fortran_order, data })
}

/// An array whose elements have not been looked at.
pub(crate) struct Description {
    pub(crate) descr: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) fortran_order: bool,
    pub(crate) data: Id,
}

/// The description of the array that a call makes. A scalar has no dimensions.
pub(crate) fn describe(reader: &Reader<'_, '_>, id: Id) -> Result<Description> {
    let pickled = reader.pickled;
    let Node::Call { global, arguments, state } = pickled.node(id) else {
        return Err(not_an_array());
    };
    let arguments = pickled.tuple(*arguments);
    let maker = Maker::of_call(pickled, *global).ok_or_else(not_an_array)?;
    let (dtype, shape, fortran_order, data) = match (maker, arguments, state) {
        (Maker::Scalar, [dtype, data], None) => (*dtype, None, false, *data),
        (Maker::FromBuffer, [data, dtype, shape, order], None) => {
            (*dtype, Some(*shape), is_fortran(pickled, *order)?, *data)
        }
        (Maker::Array, [shape, dtype, data], None) => (*dtype, Some(*shape), false, *data),
        (Maker::Array, [shape, dtype, data, offset, strides, order], None)
            if pickled.integer(*offset) == Some(0)
                && matches!(pickled.node(*strides), Node::None) =>
        {
            (*dtype, Some(*shape), is_fortran(pickled, *order)?, *data)
        }
        (Maker::Reconstruct, [class, ..], Some(state)) => {
            if pickled.global(*class) != Some(("numpy", "ndarray")) {
                return Err(not_an_array());
            }
            let [_version, shape, dtype, fortran_order, data] = pickled.tuple(*state) else {
                return Err(not_an_array());
            };
            let fortran_order = match pickled.node(*fortran_order) {
                Node::Bool(fortran_order) => *fortran_order,
                Node::Int(fortran_order) => *fortran_order != 0,
                _ => return Err(not_an_array()),
            };
            (*dtype, Some(*shape), fortran_order, *data)
        }
        _ => return Err(not_an_array()),
    };
    let descr = match pickled.text(dtype) {
        Some(name) if matches!(maker, Maker::Array) && is_name(name) => name.to_owned(),
        _ => descr(pickled, dtype)?,
    };
    // A description counts 16 times, because every array takes the time to read its own again.
    reader.charge(descr.len().saturating_mul(16))?;
    let shape = shape.map_or(Ok(Vec::new()), |shape| lengths(pickled, shape))?;
    Ok(Description { descr, shape, fortran_order, data })
}

fn is_fortran(pickled: &Pickled<'_>, order: Id) -> Result<bool> {
    match pickled.text(order) {
        Some("C") => Ok(false),
        Some("F") => Ok(true),
        _ => Err(not_an_array()),
    }
}

/// Whether it can be the name of an element type.
fn is_name(code: &str) -> bool {
    code.len() <= MAX_DTYPE_NAME && !code.starts_with('[')
}

pub(super) fn lengths(pickled: &Pickled<'_>, shape: Id) -> Result<Vec<usize>> {
    // The shape of one dimension may be its length alone.
    let ids = match pickled.node(shape) {
        Node::Int(_) => &[shape][..],
        Node::Tuple(ids) => ids,
        _ => return Err(not_an_array()),
    };
    check_dimensions(ids.len())?;
    ids.iter().map(|id| length(pickled, *id)).collect()
}

fn length(pickled: &Pickled<'_>, id: Id) -> Result<usize> {
    let length = pickled.integer(id).and_then(|length| u64::try_from(length).ok());
    let length = length.ok_or_else(not_an_array)?;
    usize::try_from(length).map_err(|_| {
        Error::custom(format!("an array with a dimension of {length} is larger than any memory"))
    })
}

/// `dtype('f8', False, True)` with the state `(3, '<', …)`.
fn descr(pickled: &Pickled<'_>, id: Id) -> Result<String> {
    descr_of(pickled, id, MAX_DTYPE_DEPTH)
}

/// The description of a `dtype` whose structured types may be nested `depth` levels deep.
pub(super) fn descr_of(pickled: &Pickled<'_>, id: Id, depth: u32) -> Result<String> {
    let Node::Call { global, arguments, state } = pickled.node(id) else {
        return Err(not_an_array());
    };
    if pickled.global(*global) != Some(("numpy", "dtype")) {
        return Err(not_an_array());
    }
    let code = pickled.tuple(*arguments).first().and_then(|code| pickled.text(*code));
    let code = code.filter(|code| is_name(code)).ok_or_else(not_an_array)?;
    let Some(state) = state else { return Ok(code.to_owned()) };
    let state = pickled.tuple(*state);
    let [_version, order, subarray, names, fields, size, ..] = state else {
        return Err(not_an_array());
    };
    if !matches!(pickled.node(*names), Node::None) {
        return structured::describe(pickled, *names, *fields, *size, depth);
    }
    if !matches!(pickled.node(*subarray), Node::None) {
        return Err(not_an_array());
    }
    let order = pickled.text(*order).ok_or_else(not_an_array)?;
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
    // The name is written as one text, and read back from that.
    if name.len() > MAX_DTYPE_NAME {
        return Err(not_an_array());
    }
    Ok(name)
}

/// Reads the unit of `datetime64` and `timedelta64` from `({}, (b'ns', 1, 1, 1))`.
fn unit(pickled: &Pickled<'_>, metadata: Id) -> Result<String> {
    let [_, unit] = pickled.tuple(metadata) else { return Ok(String::new()) };
    let [name, count, ..] = pickled.tuple(*unit) else { return Err(not_an_array()) };
    let name = pickled.bytes(*name).and_then(|name| std::str::from_utf8(name).ok());
    match (name, pickled.integer(*count)) {
        (Some(name), _) if name.len() > MAX_DTYPE_NAME => Err(not_an_array()),
        (Some("generic"), _) => Ok(String::new()),
        (Some(name), Some(1)) => Ok(format!("[{name}]")),
        (Some(name), Some(count)) => Ok(format!("[{count}{name}]")),
        _ => Err(not_an_array()),
    }
}

#[cold]
pub(crate) fn not_an_array() -> Error {
    Error::custom("not a NumPy array: its parts are not those that NumPy pickles")
}

#[cold]
fn no_serde_type(descr: &str) -> Error {
    let shown: String = descr.chars().take(64).collect();
    Error::custom(format!(
        "serde has no type for NumPy elements of the structured type `{shown}`: ask for a `pickle::Value`"
    ))
}

/// Gives a visitor the array that a call makes, by dimension.
pub(super) fn visit<'p, V: Visitor<'p>>(
    reader: &Reader<'_, 'p>,
    id: Id,
    nesting: Nesting,
    visitor: V,
) -> Result<V::Value> {
    let (array, data) = whole(reader, id)?;
    visit_array(reader, &array, data, nesting, visitor)
}

/// Gives a visitor of a sequence the array that a call makes. Usual numbers of one dimension are not looked at one by one.
pub(super) fn visit_seq<'p, V: Visitor<'p>>(
    reader: &Reader<'_, 'p>,
    id: Id,
    nesting: Nesting,
    visitor: V,
) -> Result<V::Value> {
    let (array, data) = whole(reader, id)?;
    macro_rules! numbers {
        ($number:ty as $seen:ty) => {{
            reader.charge(array.shape()[0])?;
            let nesting = nesting.deeper()?;
            let (numbers, _) = data.as_slice().as_chunks();
            let numbers = numbers.iter().map(|bytes| Number {
                number: <$seen>::from(<$number>::from_ne_bytes(*bytes)),
                nesting,
            });
            visit_all(numbers, visitor)
        }};
    }
    match (array.kind(), array.item_size()) {
        (Some(Kind { swapped, .. }), _) if swapped || array.shape().len() != 1 => {
            visit_array(reader, &array, data, nesting, visitor)
        }
        (Some(Kind { letter: b'f', .. }), 8) => numbers!(f64 as f64),
        (Some(Kind { letter: b'f', .. }), 4) => numbers!(f32 as f32),
        (Some(Kind { letter: b'i', .. }), 8) => numbers!(i64 as i64),
        (Some(Kind { letter: b'i', .. }), 4) => numbers!(i32 as i64),
        (Some(Kind { letter: b'u', .. }), 1) => numbers!(u8 as i64),
        _ => visit_array(reader, &array, data, nesting, visitor),
    }
}

/// The bytes of an array of `uint8`s in a row.
pub(super) fn bytes<'n, 'p>(reader: &Reader<'n, 'p>, id: Id) -> Result<Option<Piece<'n, 'p>>> {
    let (array, data) = whole(reader, id)?;
    let are_bytes = array.kind().is_some_and(|kind| kind.letter == b'u')
        && array.item_size() == 1
        && array.shape().len() == 1;
    Ok(are_bytes.then_some(data))
}

fn whole<'n, 'p>(reader: &Reader<'n, 'p>, id: Id) -> Result<(DynArray<'n>, Piece<'n, 'p>)> {
    let parts = parts(reader, id)?;
    let data = parts.data;
    Ok((parts.array()?, data))
}

fn visit_array<'p, V: Visitor<'p>>(
    reader: &Reader<'_, 'p>,
    array: &DynArray<'_>,
    data: Piece<'_, 'p>,
    nesting: Nesting,
    visitor: V,
) -> Result<V::Value> {
    // A million rows without elements have no bytes, and a byte in sixty dimensions is in sixty sequences.
    let mut rows: usize = 1;
    for length in array.shape().iter().take_while(|length| **length > 0) {
        reader.charge(rows.saturating_mul(size_of::<Value>()))?;
        rows = rows.saturating_mul(*length);
    }
    reader.charge(rows)?;
    let kind = array.kind().ok_or_else(|| no_serde_type(array.descr()))?;
    let item_size = array.item_size();
    if !matches!(kind.letter, b'b' | b'i' | b'u' | b'f') {
        // Texts take memory of their own, and may have no bytes.
        reader.charge(rows.saturating_mul(size_of::<Value>()))?;
    }
    match &axes(array.shape(), item_size, array.is_fortran_order())[..] {
        [] => Item::new(kind, data, nesting).deserialize_any(visitor),
        axes => SubArray { kind, item_size, data, axes, nesting }.deserialize_any(visitor),
    }
}

/// The length of each dimension, and how many bytes its elements are apart.
fn axes(shape: &[usize], item_size: usize, fortran_order: bool) -> Vec<(usize, usize)> {
    let mut axes: Vec<_> = shape.iter().map(|length| (*length, 0)).collect();
    // An array without elements has no bytes, whatever its other lengths are.
    let mut next = if shape.contains(&0) { 0 } else { item_size };
    let set = |axis: &mut (usize, usize)| {
        axis.1 = next;
        next *= axis.0;
    };
    if fortran_order {
        axes.iter_mut().for_each(set);
    } else {
        axes.iter_mut().rev().for_each(set);
    }
    axes
}

/// An array of at least one dimension, which may be a part of another one.
#[derive(Clone, Copy)]
struct SubArray<'s, 'n, 'p: 'n> {
    kind: Kind,
    item_size: usize,
    /// The bytes from the first element on.
    data: Piece<'n, 'p>,
    axes: &'s [(usize, usize)],
    nesting: Nesting,
}

impl SubArray<'_, '_, '_> {
    /// The array one level deeper, inside of an `Option` and so on.
    fn deeper(self) -> Result<Self> {
        Ok(Self { nesting: self.nesting.deeper()?, ..self })
    }
}

impl<'de> IntoDeserializer<'de, Error> for SubArray<'_, '_, 'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for SubArray<'_, '_, 'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let Self { kind, item_size, data, nesting, .. } = self.deeper()?;
        let [(length, stride), inner @ ..] = self.axes else { return Err(not_an_array()) };
        let places = (0..*length).map(|index| index * stride);
        if inner.is_empty() {
            let items = places.map(|at| Item::new(kind, data.part(at..at + item_size), nesting));
            return visit_all(items, visitor);
        }
        let end = data.as_slice().len();
        let parts = places.map(|at| data.part(at..end)).map(|data| SubArray {
            kind,
            item_size,
            data,
            axes: inner,
            nesting,
        });
        visit_all(parts, visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_some(self.deeper()?)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_newtype_struct(self.deeper()?)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        seq tuple tuple_struct unit unit_struct map struct enum identifier ignored_any
    }
}
