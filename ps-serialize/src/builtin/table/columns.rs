//! A record batch as arrays that share the file's memory. Every length, offset, key and string is
//! checked before an array is made of it.

use std::cell::Cell;
use std::marker::PhantomData;
use std::ops::Range;

use bytemuck::AnyBitPattern;
use bytes::Bytes;
use polars_arrow::array::{
    Array, BinaryArray, BinaryViewArray, BooleanArray, DictionaryArray, DictionaryKey,
    FixedSizeBinaryArray, FixedSizeListArray, ListArray, MapArray, NullArray, PrimitiveArray,
    StructArray, Utf8Array, Utf8ViewArray, View,
};
use polars_arrow::bitmap::Bitmap;
use polars_arrow::datatypes::{ArrowDataType, PhysicalType};
use polars_arrow::io::ipc::IpcField;
use polars_arrow::io::ipc::format::ipc::{
    BufferRef, CompressionType, FieldNodeRef, RecordBatchRef,
};
use polars_arrow::io::ipc::read::Dictionaries;
use polars_arrow::offset::{Offset, OffsetsBuffer};
use polars_arrow::types::NativeType;
use polars_arrow::{match_integer_type, with_match_primitive_type_full};
use polars_buffer::{Buffer, SharedStorage};

use super::{compression, decoded, times, views};
use crate::error::{Error, Result};
use crate::limits::{Budget, exceeded, expanded};
use crate::memory;

/// The budget for what the bytes of a file do not show: decompressed parts, columns without bytes, and the work on
/// dictionaries.
pub(super) struct Allowance<'b> {
    budget: &'b Budget<'b>,
    /// Bytes of text that polars may look at again and again.
    hashed: Cell<usize>,
    max_hashed: usize,
}

impl<'b> Allowance<'b> {
    pub(super) fn new(budget: &'b Budget<'b>, file: usize) -> Self {
        Self { budget, hashed: Cell::new(0), max_hashed: expanded(file) }
    }

    /// polars hashes the text of a dictionary for each row that refers to it.
    pub(super) fn hash(&self, texts: impl Iterator<Item = usize>) -> Result<()> {
        for text in texts {
            let hashed = self.hashed.get().saturating_add(text);
            self.hashed.set(hashed);
            if hashed > self.max_hashed {
                let what = "bytes of dictionary texts that rows refer to";
                return Err(exceeded(what, self.max_hashed, hashed));
            }
        }
        Ok(())
    }

    pub(super) fn charge(&self, bytes: usize) -> Result<()> {
        self.budget.charge(bytes)
    }
}

/// The parts of a batch that are left to read.
pub(super) struct Batch<'a> {
    body: Bytes,
    /// The end of the last buffer. Buffers follow each other, so none is read twice.
    end: usize,
    nodes: std::vec::IntoIter<FieldNodeRef<'a>>,
    buffers: std::vec::IntoIter<BufferRef<'a>>,
    variadic_counts: std::vec::IntoIter<i64>,
    compression: Option<CompressionType>,
    dictionaries: &'a Dictionaries,
    allowance: &'a Allowance<'a>,
}

impl<'a> Batch<'a> {
    pub(super) fn new(
        batch: RecordBatchRef<'a>,
        body: Bytes,
        dictionaries: &'a Dictionaries,
        allowance: &'a Allowance<'a>,
    ) -> Result<Self> {
        let nodes = batch.nodes().map_err(Error::custom)?;
        let buffers = batch.buffers().map_err(Error::custom)?;
        let counts = batch.variadic_buffer_counts().map_err(Error::custom)?;
        let compression = match batch.compression().map_err(Error::custom)? {
            Some(compression) => Some(compression.codec().map_err(Error::custom)?),
            None => None,
        };
        Ok(Self {
            body,
            end: 0,
            nodes: nodes.into_iter().flatten().collect::<Vec<_>>().into_iter(),
            buffers: buffers.into_iter().flatten().collect::<Vec<_>>().into_iter(),
            variadic_counts: counts.into_iter().flatten().collect::<Vec<_>>().into_iter(),
            compression,
            dictionaries,
            allowance,
        })
    }

    /// The next column, of this type.
    pub(super) fn column(
        &mut self,
        dtype: &ArrowDataType,
        field: &IpcField,
    ) -> Result<Box<dyn Array>> {
        let node = self.nodes.next().ok_or_else(|| missing("column"))?;
        let length = size(node.length())?;
        let nulls = size(node.null_count())?;
        // Rows of some types have no bytes of their own.
        self.allowance.charge(length / 8)?;
        let physical = dtype.to_physical_type();
        if physical == PhysicalType::Null {
            return boxed(NullArray::try_new(dtype.clone(), length));
        }
        let validity = self.validity(length, nulls)?;
        let dtype = dtype.clone();
        match physical {
            PhysicalType::Boolean => {
                let values = self.bitmap(length)?;
                boxed(BooleanArray::try_new(dtype, values, validity))
            }
            PhysicalType::Primitive(primitive) => with_match_primitive_type_full!(primitive, |$T| {
                let array = PrimitiveArray::<$T>::try_new(dtype, self.values(length)?, validity);
                let array = array.map_err(Error::custom)?;
                times::check(&array)?;
                Ok(Box::new(array))
            }),
            PhysicalType::Utf8 => {
                let (offsets, values) = (self.offsets(length)?, self.all_values()?);
                boxed(Utf8Array::<i32>::try_new(dtype, offsets, values, validity))
            }
            PhysicalType::LargeUtf8 => {
                let (offsets, values) = (self.offsets(length)?, self.all_values()?);
                boxed(Utf8Array::<i64>::try_new(dtype, offsets, values, validity))
            }
            PhysicalType::Binary => {
                let (offsets, values) = (self.offsets(length)?, self.all_values()?);
                boxed(BinaryArray::<i32>::try_new(dtype, offsets, values, validity))
            }
            PhysicalType::LargeBinary => {
                let (offsets, values) = (self.offsets(length)?, self.all_values()?);
                boxed(BinaryArray::<i64>::try_new(dtype, offsets, values, validity))
            }
            PhysicalType::Utf8View => {
                let (views, buffers) = self.views(length, true)?;
                Ok(text_views(dtype, views, buffers, validity))
            }
            PhysicalType::BinaryView => {
                let (views, buffers) = self.views(length, false)?;
                Ok(binary_views(dtype, views, buffers, validity))
            }
            PhysicalType::FixedSizeBinary => {
                let ArrowDataType::FixedSizeBinary(width) = *dtype.to_storage() else {
                    return Err(missing("width"));
                };
                let bytes = length.checked_mul(width).filter(|_| width > 0);
                let values = self.values(bytes.ok_or_else(|| missing("width"))?)?;
                boxed(FixedSizeBinaryArray::try_new(dtype, values, validity))
            }
            PhysicalType::List => {
                let offsets = self.offsets(length)?;
                let values = self.child(&dtype, field)?;
                boxed(ListArray::<i32>::try_new(dtype, offsets, values, validity))
            }
            PhysicalType::LargeList => {
                let offsets = self.offsets(length)?;
                let values = self.child(&dtype, field)?;
                boxed(ListArray::<i64>::try_new(dtype, offsets, values, validity))
            }
            // polars turns a map into a list of structs.
            PhysicalType::Map => {
                let offsets = self.offsets(length)?;
                let values = self.child(&dtype, field)?;
                boxed(MapArray::try_new(dtype, offsets, values, validity))
            }
            PhysicalType::FixedSizeList => {
                let values = self.child(&dtype, field)?;
                boxed(FixedSizeListArray::try_new(dtype, length, values, validity))
            }
            PhysicalType::Struct => {
                let ArrowDataType::Struct(children) = dtype.to_storage() else {
                    return Err(missing("fields"));
                };
                let values = children
                    .iter()
                    .zip(&field.fields)
                    .map(|(child, field)| self.column(&child.dtype, field))
                    .collect::<Result<Vec<_>>>()?;
                boxed(StructArray::try_new(dtype, length, values, validity))
            }
            PhysicalType::Dictionary(key) => {
                match_integer_type!(key, |$T| self.dictionary::<$T>(dtype, field, length, validity))
            }
            PhysicalType::Null | PhysicalType::Union => {
                Err(Error::custom(format!("columns of type {dtype:?} are not supported")))
            }
        }
    }

    fn dictionary<K: DictionaryKey>(
        &mut self,
        dtype: ArrowDataType,
        field: &IpcField,
        length: usize,
        validity: Option<Bitmap>,
    ) -> Result<Box<dyn Array>> {
        let values = field.dictionary_id.and_then(|id| self.dictionaries.get(&id));
        let values = values.ok_or_else(|| missing("dictionary"))?.clone();
        let keys = self.values::<K>(length)?;
        let keys = PrimitiveArray::try_new(K::KEY_TYPE.into(), keys, validity);
        let keys = keys.map_err(Error::custom)?;
        let rows = keys.iter().flatten();
        let rows = rows.map(|key| (*key).try_into().unwrap_or(usize::MAX));
        // polars accepts a key that is equal to the number of values, and then reads after the last value.
        if let Some(key) = rows.clone().find(|key| *key >= values.len()) {
            return Err(Error::custom(format!(
                "key {key} of a dictionary that has {} values",
                values.len()
            )));
        }
        if decoded::is_text(&*values) {
            self.allowance.hash(rows.map(text_length(&*values)))?;
        } else {
            self.allowance.charge(decoded::size(&*values, rows, keys.null_count()))?;
        }
        boxed(DictionaryArray::<K>::try_new(dtype, with_keys_at_nulls(keys, values.len()), values))
    }

    fn child(&mut self, dtype: &ArrowDataType, field: &IpcField) -> Result<Box<dyn Array>> {
        let (ArrowDataType::List(child)
        | ArrowDataType::LargeList(child)
        | ArrowDataType::FixedSizeList(child, _)
        | ArrowDataType::Map(child, _)) = dtype.to_storage()
        else {
            return Err(missing("element type"));
        };
        let field = field.fields.first().ok_or_else(|| missing("element field"))?;
        self.column(&child.dtype, field)
    }

    /// The next buffer, decompressed.
    fn bytes(&mut self) -> Result<Bytes> {
        let range = self.range()?;
        self.decompressed(range)
    }

    /// The first so many bytes of the next buffer: it may be padded.
    fn exact_bytes(&mut self, length: Option<usize>) -> Result<Bytes> {
        let range = self.range()?;
        let length = length.unwrap_or(usize::MAX);
        if self.compression.is_none() && length <= range.len() {
            return Ok(self.body.slice(range.start..range.start + length));
        }
        let bytes = self.decompressed(range)?;
        if length <= bytes.len() {
            return Ok(bytes.slice(..length));
        }
        Err(Error::custom(format!(
            "a buffer has {} bytes, fewer than its column has rows for",
            bytes.len()
        )))
    }

    /// The place of the next buffer.
    fn range(&mut self) -> Result<Range<usize>> {
        let buffer = self.buffers.next().ok_or_else(|| missing("buffer"))?;
        let (start, length) = (size(buffer.offset())?, size(buffer.length())?);
        if length == 0 {
            return Ok(0..0);
        }
        let end = start.checked_add(length).filter(|&end| end <= self.body.len());
        let end = end.ok_or_else(|| {
            Error::custom(format!(
                "a buffer of {length} bytes at {start} reaches out of its batch of {} bytes",
                self.body.len()
            ))
        })?;
        if start < self.end {
            let message = format!("a buffer at {start} overlaps the one that ends at {}", self.end);
            return Err(Error::custom(message));
        }
        self.end = end;
        Ok(start..end)
    }

    fn decompressed(&mut self, range: Range<usize>) -> Result<Bytes> {
        let bytes = self.body.slice(range);
        match self.compression {
            Some(codec) if !bytes.is_empty() => {
                compression::decompress(&bytes, codec, self.allowance)
            }
            _ => Ok(bytes),
        }
    }

    fn values<T: NativeType>(&mut self, length: usize) -> Result<Buffer<T>> {
        Ok(typed(self.exact_bytes(length.checked_mul(size_of::<T>()))?))
    }

    fn all_values(&mut self) -> Result<Buffer<u8>> {
        Ok(typed(self.bytes()?))
    }

    fn offsets<O: Offset>(&mut self, length: usize) -> Result<OffsetsBuffer<O>> {
        // The specification lets a column without rows have no offset.
        if length == 0 {
            self.bytes()?;
            return Ok(OffsetsBuffer::default());
        }
        let bytes = length.checked_add(1).and_then(|count| count.checked_mul(size_of::<O>()));
        let offsets: Buffer<O> = typed(self.exact_bytes(bytes)?);
        OffsetsBuffer::try_from(offsets).map_err(Error::custom)
    }

    fn validity(&mut self, length: usize, nulls: usize) -> Result<Option<Bitmap>> {
        if nulls > 0 {
            return self.bitmap(length).map(Some);
        }
        self.range().map(|_| None)
    }

    fn bitmap(&mut self, length: usize) -> Result<Bitmap> {
        let bytes = self.exact_bytes(Some(length.div_ceil(8)))?;
        Ok(bitmap(bytes, length))
    }

    /// Views that have been checked, and their buffers.
    fn views(&mut self, length: usize, text: bool) -> Result<(Buffer<View>, Buffer<Buffer<u8>>)> {
        let bytes = self.exact_bytes(length.checked_mul(size_of::<View>()))?;
        let count = self.variadic_counts.next().ok_or_else(|| missing("count of buffers"))?;
        if size(count)? > self.buffers.len() {
            return Err(missing("buffer"));
        }
        let buffers = (0..count).map(|_| self.all_values()).collect::<Result<Vec<_>>>()?;
        let views: Buffer<View> = typed(bytes);
        views::check(&views, &buffers, text, self.allowance)?;
        Ok((views, buffers.into()))
    }
}

/// polars looks at the keys in rows of null too, where pandas writes -1.
fn with_keys_at_nulls<K: DictionaryKey>(
    keys: PrimitiveArray<K>,
    values: usize,
) -> PrimitiveArray<K> {
    let is_key = |key: &K| (*key).try_into().is_ok_and(|key: usize| key < values);
    if keys.null_count() == 0 || keys.values().iter().all(is_key) {
        return keys;
    }
    let checked = keys.values().iter().map(|key| if is_key(key) { *key } else { K::default() });
    let checked = checked.collect::<Vec<_>>().into();
    keys.with_values(checked)
}

/// A buffer that shares the bytes, or a copy where they are misaligned: nowhere in files of ours.
pub(in crate::builtin) fn typed<T: AnyBitPattern + Send + Sync>(bytes: Bytes) -> Buffer<T> {
    /// Bytes of whole and aligned `T`s.
    struct Owner<T>(Bytes, PhantomData<T>);

    impl<T: AnyBitPattern> AsRef<[T]> for Owner<T> {
        fn as_ref(&self) -> &[T] {
            bytemuck::cast_slice(&self.0)
        }
    }

    if bytes.is_empty() {
        Buffer::new()
    } else if bytes.as_ptr().cast::<T>().is_aligned() {
        Buffer::from_owner(Owner(bytes, PhantomData))
    } else {
        Buffer::from_vec(copied(&bytes))
    }
}

fn copied<T: AnyBitPattern>(bytes: &[u8]) -> Vec<T> {
    let mut values = memory::with_capacity(bytes.len() / size_of::<T>());
    values.extend(bytes.chunks_exact(size_of::<T>()).map(bytemuck::pod_read_unaligned::<T>));
    values
}

#[allow(unsafe_code)]
pub(in crate::builtin) fn bitmap(bytes: Bytes, length: usize) -> Bitmap {
    let storage = SharedStorage::from_owner(bytes);
    assert!(length.div_ceil(8) <= storage.len());
    // SAFETY: `from_inner_unchecked` wants `offset + length` bits inside of the storage, which was just
    // asserted, and a right count of unset bits or none. Measured against `Bitmap::try_new`, which
    // takes a `Vec`: a shared read of 100 MiB of bools costs 3 µs and not the copy's 30 ms.
    unsafe { Bitmap::from_inner_unchecked(storage, 0, length, None) }
}

#[allow(unsafe_code)]
fn text_views(
    dtype: ArrowDataType,
    views: Buffer<View>,
    buffers: Buffer<Buffer<u8>>,
    validity: Option<Bitmap>,
) -> Box<dyn Array> {
    // SAFETY: `views::check` found every view inside of its buffer, with its prefix, and UTF-8; the
    // validity has one bit for each view, since both were made for one length; and the type is
    // `Utf8View`, by which this function was chosen. `try_new` checks the same string by string.
    unsafe { Utf8ViewArray::new_unchecked_unknown_md(dtype, views, buffers, validity, None) }
        .boxed()
}

#[allow(unsafe_code)]
fn binary_views(
    dtype: ArrowDataType,
    views: Buffer<View>,
    buffers: Buffer<Buffer<u8>>,
    validity: Option<Bitmap>,
) -> Box<dyn Array> {
    // SAFETY: as for `text_views`, where binary views need not be UTF-8.
    unsafe { BinaryViewArray::new_unchecked_unknown_md(dtype, views, buffers, validity, None) }
        .boxed()
}

fn boxed<A: Array>(
    array: std::result::Result<A, polars_core::error::PolarsError>,
) -> Result<Box<dyn Array>> {
    array.map(|array| Box::new(array) as Box<dyn Array>).map_err(Error::custom)
}

/// A length, an offset or a count.
pub(super) fn size(number: i64) -> Result<usize> {
    usize::try_from(number).map_err(|_| Error::custom(format!("{number} as a length or offset")))
}

#[cold]
fn missing(what: &str) -> Error {
    Error::custom(format!("a batch lacks a {what} that the schema asks for"))
}

/// A function that returns the length of a text of a dictionary, in bytes.
pub(super) fn text_length(values: &dyn Array) -> Box<dyn Fn(usize) -> usize + '_> {
    let values = values.as_any();
    if let Some(texts) = values.downcast_ref::<Utf8ViewArray>() {
        Box::new(|row| texts.views().get(row).map_or(0, |view| view.length as usize))
    } else if let Some(texts) = values.downcast_ref::<Utf8Array<i32>>() {
        Box::new(|row| if row < texts.len() { texts.value(row).len() } else { 0 })
    } else if let Some(texts) = values.downcast_ref::<Utf8Array<i64>>() {
        Box::new(|row| if row < texts.len() { texts.value(row).len() } else { 0 })
    } else {
        Box::new(|_| 0)
    }
}
