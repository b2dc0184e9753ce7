//! How much memory a dictionary takes once polars has replaced its keys by their values. polars does this
//! with all values but text, which becomes categories.

use polars_arrow::array::{
    Array, BinaryArray, FixedSizeBinaryArray, FixedSizeListArray, ListArray, MapArray, StructArray,
    Utf8Array,
};
use polars_arrow::datatypes::{ArrowDataType, PhysicalType};
use polars_arrow::offset::{Offset, OffsetsBuffer};
use polars_arrow::with_match_primitive_type_full;

/// The bytes that an offset, a view or a key takes at most.
const PLACE: usize = 16;

pub(super) fn is_text(values: &dyn Array) -> bool {
    use PhysicalType::{LargeUtf8, Utf8, Utf8View};
    matches!(values.dtype().to_physical_type(), Utf8 | LargeUtf8 | Utf8View)
}

/// The number of bytes that these rows and this number of null rows take.
pub(super) fn size(values: &dyn Array, rows: impl Iterator<Item = usize>, nulls: usize) -> usize {
    let rows = rows.map(|row| size_of_rows(values, row, 1));
    rows.fold(size_of_null(values.dtype()).saturating_mul(nulls), usize::saturating_add)
}

/// The number of bytes that consecutive rows take.
fn size_of_rows(values: &dyn Array, start: usize, rows: usize) -> usize {
    let array = values.as_any();
    let places = PLACE.saturating_mul(rows);
    let inner = match values.dtype().to_physical_type() {
        PhysicalType::Null | PhysicalType::Boolean => return rows,
        PhysicalType::Primitive(primitive) => with_match_primitive_type_full!(primitive, |$T| {
            rows.saturating_mul(size_of::<$T>())
        }),
        PhysicalType::Utf8 => array
            .downcast_ref::<Utf8Array<i32>>()
            .map_or(0, |texts| between(texts.offsets(), start, rows).1),
        PhysicalType::LargeUtf8 => array
            .downcast_ref::<Utf8Array<i64>>()
            .map_or(0, |texts| between(texts.offsets(), start, rows).1),
        PhysicalType::Binary => array
            .downcast_ref::<BinaryArray<i32>>()
            .map_or(0, |bytes| between(bytes.offsets(), start, rows).1),
        PhysicalType::LargeBinary => array
            .downcast_ref::<BinaryArray<i64>>()
            .map_or(0, |bytes| between(bytes.offsets(), start, rows).1),
        PhysicalType::FixedSizeBinary => array
            .downcast_ref::<FixedSizeBinaryArray>()
            .map_or(0, |bytes| rows.saturating_mul(bytes.size())),
        PhysicalType::List => array.downcast_ref::<ListArray<i32>>().map_or(0, |lists| {
            let (start, rows) = between(lists.offsets(), start, rows);
            size_of_rows(&**lists.values(), start, rows)
        }),
        PhysicalType::LargeList => array.downcast_ref::<ListArray<i64>>().map_or(0, |lists| {
            let (start, rows) = between(lists.offsets(), start, rows);
            size_of_rows(&**lists.values(), start, rows)
        }),
        PhysicalType::Map => array.downcast_ref::<MapArray>().map_or(0, |maps| {
            let (start, rows) = between(maps.offsets(), start, rows);
            size_of_rows(&**maps.field(), start, rows)
        }),
        PhysicalType::FixedSizeList => {
            array.downcast_ref::<FixedSizeListArray>().map_or(0, |lists| {
                let (start, rows) = (start * lists.size(), rows * lists.size());
                size_of_rows(&**lists.values(), start, rows)
            })
        }
        PhysicalType::Struct => array.downcast_ref::<StructArray>().map_or(0, |fields| {
            let sizes = fields.values().iter().map(|field| size_of_rows(&**field, start, rows));
            sizes.fold(0, usize::saturating_add)
        }),
        // The texts of views stay where they are.
        PhysicalType::Utf8View
        | PhysicalType::BinaryView
        | PhysicalType::Dictionary(_)
        | PhysicalType::Union => 0,
    };
    places.saturating_add(inner)
}

/// The start and the number of the values that some consecutive rows refer to.
pub(super) fn between<O: Offset>(
    offsets: &OffsetsBuffer<O>,
    start: usize,
    rows: usize,
) -> (usize, usize) {
    let (first, last) = (offsets[start].to_usize(), offsets[start + rows].to_usize());
    (first, last - first)
}

/// The number of bytes that a null row takes. In an array of fixed width, a null row has all of its elements.
fn size_of_null(dtype: &ArrowDataType) -> usize {
    match dtype.to_storage() {
        ArrowDataType::FixedSizeBinary(width) => PLACE.saturating_add(*width),
        ArrowDataType::FixedSizeList(element, width) => {
            PLACE.saturating_add(size_of_null(&element.dtype).saturating_mul(*width))
        }
        ArrowDataType::Struct(fields) => {
            fields.iter().map(|field| size_of_null(&field.dtype)).fold(PLACE, usize::saturating_add)
        }
        _ => PLACE,
    }
}
