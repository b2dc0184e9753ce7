//! `PL`: an Arrow file's metadata is written by polars, and may be laid out otherwise by another version
//! of it; so that a table is read is promised, and not its bytes.

use bytes::Bytes;
use polars_core::df;
use polars_core::prelude::{
    Categories, DataFrame, DataType, FrozenCategories, IntoColumn, IntoSeries, NamedFrom, Series,
    TimeUnit, TimeZone,
};
use ps_serialize::{deserialize, serialize};

use super::{Golden, Promise};

fn golden(name: &str, table: DataFrame) -> Golden {
    let today = serialize(&table).unwrap();
    let check = move |frame: &Bytes| {
        for read in [deserialize(frame).unwrap(), deserialize::<DataFrame>(frame).unwrap()] {
            assert!(read.equals_missing(&table), "{read:?}");
            assert_eq!(read.schema(), table.schema());
        }
    };
    Golden { bytes: Promise::Readable, ..Golden::of(&format!("table-{name}"), today, check) }
}

/// Small numbers as a type, one of them missing.
fn column(dtype: &DataType) -> Series {
    let numbers = Series::new(dtype.to_string().into(), [Some(1_i32), None, Some(100)]);
    numbers.strict_cast(dtype).unwrap()
}

fn table(columns: impl IntoIterator<Item = Series>) -> DataFrame {
    DataFrame::new(3, columns.into_iter().map(IntoColumn::into_column).collect()).unwrap()
}

fn texts() -> Series {
    Series::new("text".into(), [Some("short"), None, Some("größer than twelve bytes 🌍")])
}

fn nested() -> DataFrame {
    let pair = Series::new("".into(), [Some(1_i64), None]);
    let lists = Series::new("list".into(), [Some(pair.clone()), None, Some(pair.clear())]);
    let arrays = Series::new("array".into(), [Some(pair.clone()), None, Some(pair)]);
    let arrays = arrays.cast(&DataType::Array(Box::new(DataType::Int16), 2)).unwrap();
    let structs = table([texts(), column(&DataType::Int8)]).into_struct("struct".into());
    table([lists, arrays, structs.into_series()])
}

pub(crate) fn all() -> Vec<Golden> {
    use DataType::{
        Binary, Boolean, Date, Datetime, Decimal, Duration, Float16, Float32, Float64, Int8, Int16,
        Int32, Int64, Int128, Null, Time, UInt8, UInt16, UInt32, UInt64, UInt128,
    };
    let numbers = [
        Int8,
        Int16,
        Int32,
        Int64,
        Int128,
        UInt8,
        UInt16,
        UInt32,
        UInt64,
        UInt128,
        Float16,
        Float32,
        Float64,
        Boolean,
        Decimal(20, 2),
    ];
    let zone = TimeZone::opt_try_new(Some("Europe/Berlin")).unwrap();
    let times = [
        Date,
        Time,
        Datetime(TimeUnit::Microseconds, zone),
        Datetime(TimeUnit::Nanoseconds, None),
        Duration(TimeUnit::Milliseconds),
    ];
    let categories = DataType::from_categories(Categories::global());
    let choices = FrozenCategories::new(["short", "größer than twelve bytes 🌍"]).unwrap();
    let choices = DataType::from_frozen_categories(choices);
    let many = df! { "i" => (0..1000).collect::<Vec<i64>>(), "x" => vec![0.5; 1000] };
    vec![
        golden("numbers", table(numbers.iter().map(column))),
        golden("times", table(times.iter().map(column))),
        golden("texts", table([texts(), texts().cast(&Binary).unwrap().with_name("bytes".into())])),
        golden(
            "categories",
            table(
                [&categories, &choices]
                    .map(|dtype| texts().cast(dtype).unwrap().with_name(dtype.to_string().into())),
            ),
        ),
        golden("nested", nested()),
        golden("nulls", table([Series::full_null("null".into(), 3, &Null)])),
        golden("many-rows", many.unwrap()),
        golden("empty", DataFrame::empty()),
    ]
}
