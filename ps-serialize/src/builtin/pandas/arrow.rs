//! Arrays of pyarrow, as pickles have them. Every length and offset is checked before an array is made of it.

use bytemuck::AnyBitPattern;
use polars_arrow::array::{
    Array as Column, BinaryArray, BinaryViewArray, BooleanArray, FixedSizeBinaryArray,
    FixedSizeListArray, ListArray, NullArray, PrimitiveArray, StructArray, Utf8Array,
    Utf8ViewArray, View, new_empty_array,
};
use polars_arrow::bitmap::Bitmap;
use polars_arrow::datatypes::{ArrowDataType, Field, PhysicalType, TimeUnit};
use polars_arrow::offset::{Offset, OffsetsBuffer};
use polars_arrow::types::NativeType;
use polars_arrow::with_match_primitive_type_full;
use polars_buffer::Buffer;
use polars_core::prelude::{Series, TimeZone};

use super::backed;
use super::columns::{arrow_of, series};
use super::source::{Source, short};
use crate::builtin::pickle::Id;
use crate::builtin::table::times;
use crate::error::{Error, Result};
use crate::limits::{MAX_COLUMN_DEPTH, exceeded};

/// An array, or several of one type.
pub(super) fn column(source: &Source<'_>, id: Id) -> Result<Series> {
    let Some(call) = source.call_of(id, "chunked_array") else {
        return whole(source, id);
    };
    let [chunks, rest @ ..] = call.arguments else { return Err(invalid()) };
    let chunks = source.elements(*chunks).ok_or_else(invalid)?;
    let Some((first, others)) = chunks.split_first() else {
        let dtype = rest.first().ok_or_else(invalid)?;
        return empty(source, *dtype);
    };
    let mut column = whole(source, *first)?;
    for other in others {
        column.append_owned(whole(source, *other)?).map_err(Error::custom)?;
    }
    Ok(column)
}

/// What `pyarrow.LargeStringArray.from_buffers` gets, in frames of this library: the length, the offsets, the text, and which of them
/// are there.
pub(super) fn texts(source: &Source<'_>, arguments: &[Id]) -> Result<Series> {
    const VALIDITY: usize = 3;
    let length = source.length(*arguments.first().ok_or_else(invalid)?)?;
    source.charge(length / 8)?;
    let buffers = Buffers { length, offset: 0, end: length, ids: arguments };
    let validity = match arguments.get(VALIDITY) {
        Some(_) => buffers.bits(source, VALIDITY)?,
        None => None,
    };
    let (offsets, values) = (buffers.offsets(source)?, buffers.rest(source)?);
    let array = Utf8Array::<i64>::try_new(ArrowDataType::LargeUtf8, offsets, values, validity);
    series(array.map_err(Error::custom)?.boxed())
}

/// The buffers of an array, and which of their elements are in it.
struct Buffers<'n> {
    length: usize,
    offset: usize,
    /// The end of the last of the elements.
    end: usize,
    ids: &'n [Id],
}

/// The parts of an array: those that `pyarrow.lib._restore_array` gets.
struct Parts<'n> {
    dtype: Id,
    buffers: Buffers<'n>,
    children: &'n [Id],
    dictionary: Id,
}

impl<'n> Parts<'n> {
    fn of(source: &Source<'n>, id: Id) -> Result<Self> {
        // The parts of an array that is inside of another one are not in a call.
        let parts = match source.call_of(id, "_restore_array").map(|call| call.arguments) {
            Some([parts]) => source.pickled.tuple(*parts),
            Some(_) => return Err(invalid()),
            None => source.pickled.tuple(id),
        };
        let [dtype, length, _nulls, offset, buffers, children, dictionary] = *parts else {
            return Err(invalid());
        };
        let (length, offset) = (source.length(length)?, source.length(offset)?);
        let end = offset.checked_add(length).ok_or_else(invalid)?;
        // Rows of some types have no bytes of their own, and what is inside of a value can be in several.
        source.charge(512)?;
        source.charge(length / 8)?;
        let buffers = source.elements(buffers).ok_or_else(invalid)?;
        let children = source.elements(children).unwrap_or_default();
        let buffers = Buffers { length, offset, end, ids: buffers };
        Ok(Self { dtype, buffers, children, dictionary })
    }
}

impl<'n> Buffers<'n> {
    fn bytes(&self, source: &Source<'n>, index: usize) -> Result<Option<&'n [u8]>> {
        let id = *self.ids.get(index).ok_or_else(invalid)?;
        if source.is_none(id) {
            return Ok(None);
        }
        let bytes = match source.call_of(id, "py_buffer").map(|call| call.arguments) {
            Some([bytes]) => source.pickled.bytes(*bytes),
            Some(_) => None,
            None => source.pickled.bytes(id),
        };
        bytes.map(Some).ok_or_else(invalid)
    }

    /// Values of which there is one for each element.
    fn values<T: AnyBitPattern + Send + Sync>(
        &self,
        source: &Source<'n>,
        more: usize,
    ) -> Result<Buffer<T>> {
        let size = size_of::<T>();
        let end = self.end.checked_add(more).and_then(|end| end.checked_mul(size));
        let bytes = self.bytes(source, 1)?.unwrap_or_default();
        let range = self.offset.checked_mul(size).zip(end);
        let bytes = range.and_then(|(start, end)| bytes.get(start..end)).ok_or_else(|| {
            Error::custom(format!("a buffer of pyarrow with too few bytes for {} values", self.end))
        })?;
        source.buffer(bytes)
    }

    fn offsets<O: Offset + AnyBitPattern>(&self, source: &Source<'n>) -> Result<OffsetsBuffer<O>> {
        if self.length == 0 {
            return Ok(OffsetsBuffer::default());
        }
        OffsetsBuffer::try_from(self.values::<O>(source, 1)?).map_err(Error::custom)
    }

    fn bits(&self, source: &Source<'n>, index: usize) -> Result<Option<Bitmap>> {
        let Some(bytes) = self.bytes(source, index)? else { return Ok(None) };
        let bytes = bytes.get(..self.end.div_ceil(8)).ok_or_else(invalid)?;
        Ok(Some(source.bits(bytes, self.end)?.sliced(self.offset, self.length)))
    }

    /// The bytes of values that have offsets. polars makes a view of each value.
    fn rest(&self, source: &Source<'n>) -> Result<Buffer<u8>> {
        source.charge_for::<View>(self.length)?;
        source.buffer(self.bytes(source, 2)?.unwrap_or_default())
    }

    /// The bytes of values of this width. polars makes a view of each value.
    fn of_width(&self, source: &Source<'n>, width: usize) -> Result<Buffer<u8>> {
        source.charge_for::<View>(self.length)?;
        let range = self.offset.checked_mul(width).zip(self.end.checked_mul(width));
        let (start, end) = range.filter(|_| width > 0).ok_or_else(invalid)?;
        let bytes = self.bytes(source, 1)?.unwrap_or_default();
        source.buffer(bytes.get(start..end).ok_or_else(invalid)?)
    }
}

/// A whole column, whose categories stay categories.
fn whole(source: &Source<'_>, id: Id) -> Result<Series> {
    let parts = Parts::of(source, id)?;
    match source.call_of(parts.dtype, "dictionary").map(|call| call.arguments) {
        Some([keys, _values, ordered]) => {
            let (values, keys) = dictionary(source, &parts, *keys, MAX_COLUMN_DEPTH)?;
            let is_ordered = source.bool(*ordered).unwrap_or(false);
            backed::categorical(source, &values, &keys, is_ordered)
        }
        _ => series(array(source, id, MAX_COLUMN_DEPTH)?),
    }
}

/// The values of a dictionary, and the place of each element among them; -1 for none.
fn dictionary(
    source: &Source<'_>,
    parts: &Parts<'_>,
    keys: Id,
    depth: usize,
) -> Result<(Series, Vec<i64>)> {
    let values = array(source, parts.dictionary, depth - 1)?;
    let validity = parts.buffers.bits(source, 0)?;
    source.charge_for::<i64>(parts.buffers.length)?;
    macro_rules! widened {
        ($type:ty) => {
            parts.buffers.values::<$type>(source, 0)?.iter().map(|key| i64::from(*key)).collect()
        };
    }
    let mut keys: Vec<i64> = match dtype(source, keys, depth)? {
        ArrowDataType::Int8 => widened!(i8),
        ArrowDataType::Int16 => widened!(i16),
        ArrowDataType::Int32 => widened!(i32),
        ArrowDataType::Int64 => widened!(i64),
        ArrowDataType::UInt8 => widened!(u8),
        ArrowDataType::UInt16 => widened!(u16),
        ArrowDataType::UInt32 => widened!(u32),
        _ => return Err(Error::custom("a dictionary whose keys are no integers of up to 63 bits")),
    };
    let is_there = |row: usize| validity.as_ref().is_none_or(|there| there.get_bit(row));
    for (row, key) in keys.iter_mut().enumerate() {
        if !is_there(row) {
            *key = -1;
        } else if *key < 0 {
            return Err(Error::custom(format!("the key {key} of a dictionary")));
        }
    }
    Ok((series(values)?, keys))
}

fn array(source: &Source<'_>, id: Id, depth: usize) -> Result<Box<dyn Column>> {
    let depth = depth.checked_sub(1).filter(|depth| *depth > 0).ok_or_else(too_deep)?;
    let parts = Parts::of(source, id)?;
    if let Some([keys, ..]) = source.call_of(parts.dtype, "dictionary").map(|call| call.arguments) {
        let (values, keys) = dictionary(source, &parts, *keys, depth)?;
        return arrow_of(&backed::taken(source, &values, &keys)?);
    }
    let dtype = dtype(source, parts.dtype, depth)?;
    let buffers = &parts.buffers;
    let length = buffers.length;
    if dtype == ArrowDataType::Null {
        return boxed(NullArray::try_new(dtype, length));
    }
    let validity = buffers.bits(source, 0)?;
    match dtype.to_physical_type() {
        PhysicalType::Boolean => {
            let values = buffers.bits(source, 1)?;
            let values = match values {
                None if length == 0 => Bitmap::new(),
                values => values.ok_or_else(invalid)?,
            };
            boxed(BooleanArray::try_new(dtype, values, validity))
        }
        PhysicalType::Primitive(primitive) => with_match_primitive_type_full!(primitive, |$T| {
            let column = primitive_of::<$T>(source, &parts, dtype, validity)?;
            times::check(&column)?;
            Ok(Box::new(column))
        }),
        PhysicalType::Utf8 => {
            let (offsets, values) = (buffers.offsets(source)?, buffers.rest(source)?);
            boxed(Utf8Array::<i32>::try_new(dtype, offsets, values, validity))
        }
        PhysicalType::LargeUtf8 => {
            let (offsets, values) = (buffers.offsets(source)?, buffers.rest(source)?);
            boxed(Utf8Array::<i64>::try_new(dtype, offsets, values, validity))
        }
        PhysicalType::Binary => {
            let (offsets, values) = (buffers.offsets(source)?, buffers.rest(source)?);
            boxed(BinaryArray::<i32>::try_new(dtype, offsets, values, validity))
        }
        PhysicalType::LargeBinary => {
            let (offsets, values) = (buffers.offsets(source)?, buffers.rest(source)?);
            boxed(BinaryArray::<i64>::try_new(dtype, offsets, values, validity))
        }
        PhysicalType::Utf8View => {
            let (views, buffers) = views(source, buffers)?;
            boxed(Utf8ViewArray::try_new(dtype, views, buffers, validity))
        }
        PhysicalType::BinaryView => {
            let (views, buffers) = views(source, buffers)?;
            boxed(BinaryViewArray::try_new(dtype, views, buffers, validity))
        }
        PhysicalType::FixedSizeBinary => {
            let ArrowDataType::FixedSizeBinary(width) = dtype else { return Err(invalid()) };
            let values = buffers.of_width(source, width)?;
            boxed(FixedSizeBinaryArray::try_new(dtype, values, validity))
        }
        PhysicalType::List => {
            let (offsets, values) = (buffers.offsets(source)?, child(source, &parts, depth)?);
            let dtype = ListArray::<i32>::default_datatype(values.dtype().clone());
            boxed(ListArray::<i32>::try_new(dtype, offsets, values, validity))
        }
        PhysicalType::LargeList => {
            let (offsets, values) = (buffers.offsets(source)?, child(source, &parts, depth)?);
            let dtype = ListArray::<i64>::default_datatype(values.dtype().clone());
            boxed(ListArray::<i64>::try_new(dtype, offsets, values, validity))
        }
        PhysicalType::FixedSizeList => {
            let ArrowDataType::FixedSizeList(_, width) = dtype else { return Err(invalid()) };
            let values = child(source, &parts, depth)?;
            let range = buffers.offset.checked_mul(width).zip(length.checked_mul(width));
            let (start, count) = range.ok_or_else(invalid)?;
            if start.checked_add(count).is_none_or(|end| end > values.len()) {
                return Err(invalid());
            }
            let values = values.sliced(start, count);
            let dtype = FixedSizeListArray::default_datatype(values.dtype().clone(), width);
            boxed(FixedSizeListArray::try_new(dtype, length, values, validity))
        }
        PhysicalType::Struct => {
            let ArrowDataType::Struct(fields) = dtype else { return Err(invalid()) };
            if fields.len() != parts.children.len() {
                return Err(invalid());
            }
            let (mut columns, mut types) = (Vec::new(), Vec::new());
            for (field, child) in fields.into_iter().zip(parts.children) {
                let column = array(source, *child, depth)?;
                if column.len() < buffers.end {
                    return Err(invalid());
                }
                let column = column.sliced(buffers.offset, length);
                types.push(Field::new(field.name, column.dtype().clone(), true));
                columns.push(column);
            }
            boxed(StructArray::try_new(ArrowDataType::Struct(types), length, columns, validity))
        }
        _ => Err(Error::custom(format!("columns of type {dtype:?} are not supported"))),
    }
}

fn primitive_of<T: NativeType + AnyBitPattern>(
    source: &Source<'_>,
    parts: &Parts<'_>,
    dtype: ArrowDataType,
    validity: Option<Bitmap>,
) -> Result<PrimitiveArray<T>> {
    let values = parts.buffers.values::<T>(source, 0)?;
    PrimitiveArray::try_new(dtype, values, validity).map_err(Error::custom)
}

/// The elements of lists. The offset of the lists is not theirs.
fn child(source: &Source<'_>, parts: &Parts<'_>, depth: usize) -> Result<Box<dyn Column>> {
    let [child] = parts.children else { return Err(invalid()) };
    array(source, *child, depth)
}

fn views(source: &Source<'_>, buffers: &Buffers<'_>) -> Result<(Buffer<View>, Buffer<Buffer<u8>>)> {
    let views = buffers.values::<View>(source, 0)?;
    // Views may be of the same bytes, which are checked for each, and copied into categories.
    source.charge(views.iter().map(|view| view.length as usize).sum())?;
    let variadic = (2..buffers.ids.len())
        .map(|index| source.buffer(buffers.bytes(source, index)?.unwrap_or_default()));
    Ok((views, variadic.collect::<Result<Vec<_>>>()?.into()))
}

/// A column without rows.
fn empty(source: &Source<'_>, id: Id) -> Result<Series> {
    if let Some([_, values, ordered]) = source.call_of(id, "dictionary").map(|call| call.arguments)
    {
        let values = series(new_empty_array(dtype(source, *values, MAX_COLUMN_DEPTH)?))?;
        return backed::categorical(source, &values, &[], source.bool(*ordered) == Some(true));
    }
    series(new_empty_array(dtype(source, id, MAX_COLUMN_DEPTH)?))
}

/// A type of pyarrow, which a function makes.
fn dtype(source: &Source<'_>, id: Id, depth: usize) -> Result<ArrowDataType> {
    let depth = depth.checked_sub(1).ok_or_else(too_deep)?;
    source.charge(256)?;
    let call = source.call(id).ok_or_else(invalid)?;
    let text = |id: Id| source.pickled.text(id);
    let unit = |id: Id| match text(id) {
        Some("s") => Ok(TimeUnit::Second),
        Some("ms") => Ok(TimeUnit::Millisecond),
        Some("us") => Ok(TimeUnit::Microsecond),
        Some("ns") => Ok(TimeUnit::Nanosecond),
        _ => Err(invalid()),
    };
    let child = |id: Id| match source.call_of(id, "field") {
        Some(call) => field(source, call.arguments, depth),
        None => Ok(Field::new("item".into(), dtype(source, id, depth)?, true)),
    };
    Ok(match (call.name, call.arguments) {
        ("type_for_alias", [name]) => named(text(*name).ok_or_else(invalid)?)?,
        ("timestamp", [of, zone @ ..]) => {
            let zone = match zone {
                [zone] if !source.is_none(*zone) => {
                    let zone = text(*zone).ok_or_else(invalid)?;
                    // polars has no zones that are an offset alone.
                    let zone = if zone.starts_with(['+', '-']) { "UTC" } else { zone };
                    TimeZone::opt_try_new(Some(zone)).map_err(|_| {
                        Error::custom(format!("times of the unknown zone `{}`", short(zone)))
                    })?;
                    Some(zone.into())
                }
                _ => None,
            };
            ArrowDataType::Timestamp(unit(*of)?, zone)
        }
        ("duration", [of]) => ArrowDataType::Duration(unit(*of)?),
        ("time32", [of]) => ArrowDataType::Time32(unit(*of)?),
        ("time64", [of]) => ArrowDataType::Time64(unit(*of)?),
        ("decimal32" | "decimal64" | "decimal128" | "decimal256", [precision, scale]) => {
            if call.name != "decimal128" {
                return Err(Error::custom(format!(
                    "pyarrow's `{}`, which is not read: cast it to `decimal128`",
                    call.name
                )));
            }
            let (precision, scale) = (source.length(*precision)?, source.length(*scale)?);
            if !(1..=38).contains(&precision) || scale > precision {
                return Err(Error::custom(format!(
                    "decimals of the precision {precision} and the scale {scale}"
                )));
            }
            ArrowDataType::Decimal(precision, scale)
        }
        ("binary", [width]) => ArrowDataType::FixedSizeBinary(source.length(*width)?),
        ("list_", [element]) => ArrowDataType::List(Box::new(child(*element)?)),
        ("list_", [element, width]) => {
            ArrowDataType::FixedSizeList(Box::new(child(*element)?), source.length(*width)?)
        }
        ("large_list", [element]) => ArrowDataType::LargeList(Box::new(child(*element)?)),
        ("struct", [fields]) => {
            let fields = source.elements(*fields).ok_or_else(invalid)?.iter();
            ArrowDataType::Struct(fields.map(|field| child(*field)).collect::<Result<_>>()?)
        }
        // Inside of another type, the values stand in place of their keys.
        ("dictionary", [_, values, ..]) => dtype(source, *values, depth)?,
        ("map_", [..]) => {
            return Err(Error::custom(
                "maps of pyarrow, which polars has no type for: make them lists of structs",
            ));
        }
        (name, _) => return Err(unknown(name)),
    })
}

fn field(source: &Source<'_>, arguments: &[Id], depth: usize) -> Result<Field> {
    let [name, of, ..] = arguments else { return Err(invalid()) };
    let name = source.pickled.text(*name).ok_or_else(invalid)?;
    source.charge(name.len())?;
    Ok(Field::new(name.into(), dtype(source, *of, depth)?, true))
}

/// The types that have a name.
fn named(name: &str) -> Result<ArrowDataType> {
    Ok(match name {
        "null" => ArrowDataType::Null,
        "bool" => ArrowDataType::Boolean,
        "int8" => ArrowDataType::Int8,
        "int16" => ArrowDataType::Int16,
        "int32" => ArrowDataType::Int32,
        "int64" => ArrowDataType::Int64,
        "uint8" => ArrowDataType::UInt8,
        "uint16" => ArrowDataType::UInt16,
        "uint32" => ArrowDataType::UInt32,
        "uint64" => ArrowDataType::UInt64,
        "halffloat" => ArrowDataType::Float16,
        "float" => ArrowDataType::Float32,
        "double" => ArrowDataType::Float64,
        "string" => ArrowDataType::Utf8,
        "large_string" => ArrowDataType::LargeUtf8,
        "string_view" => ArrowDataType::Utf8View,
        "binary" => ArrowDataType::Binary,
        "large_binary" => ArrowDataType::LargeBinary,
        "binary_view" => ArrowDataType::BinaryView,
        "date32[day]" | "date32" => ArrowDataType::Date32,
        "date64[ms]" | "date64" => ArrowDataType::Date64,
        "time32[s]" => ArrowDataType::Time32(TimeUnit::Second),
        "time32[ms]" => ArrowDataType::Time32(TimeUnit::Millisecond),
        "time64[us]" => ArrowDataType::Time64(TimeUnit::Microsecond),
        "time64[ns]" => ArrowDataType::Time64(TimeUnit::Nanosecond),
        "duration[s]" => ArrowDataType::Duration(TimeUnit::Second),
        "duration[ms]" => ArrowDataType::Duration(TimeUnit::Millisecond),
        "duration[us]" => ArrowDataType::Duration(TimeUnit::Microsecond),
        "duration[ns]" => ArrowDataType::Duration(TimeUnit::Nanosecond),
        "timestamp[s]" => ArrowDataType::Timestamp(TimeUnit::Second, None),
        "timestamp[ms]" => ArrowDataType::Timestamp(TimeUnit::Millisecond, None),
        "timestamp[us]" => ArrowDataType::Timestamp(TimeUnit::Microsecond, None),
        "timestamp[ns]" => ArrowDataType::Timestamp(TimeUnit::Nanosecond, None),
        name => return Err(unknown(name)),
    })
}

fn boxed<A: Column>(
    array: std::result::Result<A, polars_core::error::PolarsError>,
) -> Result<Box<dyn Column>> {
    array.map(|array| Box::new(array) as Box<dyn Column>).map_err(Error::custom)
}

#[cold]
fn too_deep() -> Error {
    exceeded("nesting of a column's type", MAX_COLUMN_DEPTH, MAX_COLUMN_DEPTH + 1)
}

#[cold]
fn unknown(name: &str) -> Error {
    Error::custom(format!("pyarrow's type `{}`, which is not read", short(name)))
}

#[cold]
fn invalid() -> Error {
    Error::custom("not an array of pyarrow: its parts are not those that pyarrow pickles")
}
