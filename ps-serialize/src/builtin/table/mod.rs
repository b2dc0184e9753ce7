//! Tables of the crate `polars`, which Python's polars reads and writes: identifier `PL`, feature
//! `polars`.

pub(in crate::builtin) mod columns;
mod compression;
mod decoded;
pub(in crate::builtin) mod read;
pub(in crate::builtin) mod readable;
mod schema;
pub(crate) mod serializer;
mod stream;
pub(in crate::builtin) mod times;
mod views;
mod write;

use polars_arrow::array::{Array, DictionaryArray};
use polars_arrow::datatypes::PhysicalType;
use polars_arrow::match_integer_type;

use crate::error::{Error, Result};

/// The values that the keys of a dictionary-encoded column stand for.
fn dictionary_values(array: &dyn Array) -> Result<&dyn Array> {
    let PhysicalType::Dictionary(key) = array.dtype().to_physical_type() else {
        return Err(Error::custom("a column that is not dictionary-encoded"));
    };
    let values = match_integer_type!(key, |$T| {
        array.as_any().downcast_ref::<DictionaryArray<$T>>().map(|array| &**array.values())
    });
    values.ok_or_else(|| Error::custom("a dictionary whose keys are of another type"))
}
