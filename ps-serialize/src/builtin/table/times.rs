//! Times in units that polars does not have.

use polars_arrow::array::{Array, PrimitiveArray};
use polars_arrow::datatypes::{ArrowDataType, TimeUnit};
use polars_arrow::types::NativeType;

use crate::error::{Error, Result};

/// Checks that times fit after polars has multiplied them by 1000: seconds become milliseconds, and the
/// microseconds of a day become nanoseconds. polars itself lets the numbers overflow.
pub(in crate::builtin) fn check<T: NativeType>(times: &PrimitiveArray<T>) -> Result<()> {
    const MOST: u64 = i64::MAX.unsigned_abs() / 1000;

    let dtype = times.dtype().to_storage();
    let (ArrowDataType::Timestamp(TimeUnit::Second, _)
    | ArrowDataType::Duration(TimeUnit::Second)
    | ArrowDataType::Time64(TimeUnit::Microsecond)) = dtype
    else {
        return Ok(());
    };
    let Some(times) = times.as_any().downcast_ref::<PrimitiveArray<i64>>() else { return Ok(()) };
    let too_far = |time: &&i64| time.unsigned_abs() > MOST;
    match times.iter().flatten().find(too_far) {
        None => Ok(()),
        Some(time) => Err(Error::custom(format!(
            "a column of type {dtype:?} has the value {time}, which is too large for the unit that polars has; leave it out, or send the column as integers"
        ))),
    }
}
