//! Tables of every type of polars, nested, with nulls, in slices and in many chunks.

use polars_core::prelude::{
    AnyValue, Categories, DataFrame, DataType, Field, FrozenCategories, IntoColumn, NamedFrom,
    PolarsResult, Series, TimeUnit, TimeZone,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use ps_serialize::{deserialize, deserialize_any, parts, serialize};

/// The types that have no types inside.
fn leaves() -> Vec<DataType> {
    let zone = TimeZone::opt_try_new(Some("Europe/Berlin")).unwrap();
    let choices = FrozenCategories::new(["zero", "one", "two", "three;", "", "ünïcödé"]).unwrap();
    let mut leaves = vec![
        DataType::Boolean,
        DataType::Int8,
        DataType::Int16,
        DataType::Int32,
        DataType::Int64,
        DataType::Int128,
        DataType::UInt8,
        DataType::UInt16,
        DataType::UInt32,
        DataType::UInt64,
        DataType::UInt128,
        DataType::Float16,
        DataType::Float32,
        DataType::Float64,
        DataType::Decimal(38, 3),
        DataType::String,
        DataType::Binary,
        DataType::Date,
        DataType::Time,
        DataType::Null,
        DataType::Datetime(TimeUnit::Microseconds, zone),
        DataType::from_categories(Categories::global()),
        DataType::from_frozen_categories(choices),
    ];
    for unit in [TimeUnit::Milliseconds, TimeUnit::Microseconds, TimeUnit::Nanoseconds] {
        leaves.push(DataType::Datetime(unit, None));
        leaves.push(DataType::Duration(unit));
    }
    leaves
}

/// The types that a value is in.
#[derive(Clone, Copy, Default)]
struct Around {
    structs: bool,
    arrays_in_structs: bool,
}

/// Whether polars can't make values of the type: an array of lists of categories in a struct makes it panic.
fn is_never_made(dtype: &DataType, around: Around) -> bool {
    match dtype {
        DataType::List(element) => is_never_made(element, around),
        DataType::Array(element, _) => {
            is_never_made(element, Around { arrays_in_structs: around.structs, ..around })
        }
        DataType::Struct(fields) => {
            let around = Around { structs: true, ..around };
            fields.iter().any(|field| is_never_made(field.dtype(), around))
        }
        DataType::Categorical(..) | DataType::Enum(..) => around.arrays_in_structs,
        _ => false,
    }
}

fn dtype() -> impl Strategy<Value = DataType> {
    let is_made = |dtype: &DataType| !is_never_made(dtype, Around::default());
    any_dtype().prop_filter("polars makes no such values", is_made)
}

fn any_dtype() -> impl Strategy<Value = DataType> {
    select(leaves()).prop_recursive(3, 8, 3, |inner| {
        let name = prop_oneof![any::<String>(), "[a-c]"];
        let fields = vec((name, inner.clone()), 1..3).prop_map(|fields| {
            let field = |(i, (name, dtype)): (usize, (String, DataType))| {
                Field::new(format!("{i}{name}").into(), dtype)
            };
            DataType::Struct(fields.into_iter().enumerate().map(field).collect())
        });
        prop_oneof![
            3 => inner.clone().prop_map(|element| DataType::List(Box::new(element))),
            2 => (inner, prop_oneof![9 => 1..4_usize, 1 => Just(0)])
                .prop_map(|(element, width)| DataType::Array(Box::new(element), width)),
            2 => fields,
        ]
    })
}

fn has_empty_arrays(dtype: &DataType) -> bool {
    match dtype {
        DataType::List(element) => has_empty_arrays(element),
        DataType::Array(element, width) => *width == 0 || has_empty_arrays(element),
        DataType::Struct(fields) => fields.iter().any(|field| has_empty_arrays(field.dtype())),
        _ => false,
    }
}

/// Numbers that are the same for the same start.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn below(&mut self, end: u64) -> usize {
        usize::try_from(self.next() % end).unwrap()
    }
}

/// A series of any values, every fifth of them null.
fn series(
    name: &str,
    dtype: &DataType,
    rows: usize,
    numbers: &mut Numbers,
) -> PolarsResult<Series> {
    let name = name.into();
    match dtype {
        DataType::List(_) | DataType::Array(..) | DataType::Struct(_) => {
            let values: Vec<_> =
                (0..rows).map(|_| nested(dtype, numbers)).collect::<PolarsResult<_>>()?;
            Series::from_any_values_and_dtype(name, &values, dtype, true)
        }
        DataType::Null => Ok(Series::full_null(name, rows, dtype)),
        DataType::Binary => {
            let values =
                (0..rows).map(|_| text(numbers).map(|text| [b"\xff", text.as_bytes()].concat()));
            Ok(Series::new(name, values.collect::<Vec<_>>()))
        }
        DataType::String => {
            Ok(Series::new(name, (0..rows).map(|_| text(numbers)).collect::<Vec<_>>()))
        }
        DataType::Categorical(..) | DataType::Enum(..) => {
            let of = ["zero", "one", "two", "three;", "", "ünïcödé"];
            let values = (0..rows).map(|_| (numbers.below(5) > 0).then(|| of[numbers.below(6)]));
            Series::new(name, values.collect::<Vec<_>>()).strict_cast(dtype)
        }
        _ => {
            let values = (0..rows).map(|_| {
                (numbers.below(5) > 0).then(|| i64::try_from(numbers.below(100)).unwrap())
            });
            Series::new(name, values.collect::<Vec<_>>()).strict_cast(dtype)
        }
    }
}

/// Text that is short enough to be stored inline, and longer text.
fn text(numbers: &mut Numbers) -> Option<String> {
    (numbers.below(5) > 0).then(|| "é世x ".repeat(numbers.below(9)))
}

fn nested(dtype: &DataType, numbers: &mut Numbers) -> PolarsResult<AnyValue<'static>> {
    if numbers.below(5) == 0 {
        return Ok(AnyValue::Null);
    }
    Ok(match dtype {
        DataType::List(element) => {
            let length = numbers.below(4);
            AnyValue::List(series("", element, length, numbers)?)
        }
        DataType::Array(element, width) => {
            AnyValue::Array(series("", element, *width, numbers)?, *width)
        }
        DataType::Struct(fields) => {
            let values = fields.iter().map(|field| {
                let value = series("", field.dtype(), 1, numbers)?;
                Ok(value.get(0)?.into_static())
            });
            let values = values.collect::<PolarsResult<_>>()?;
            AnyValue::StructOwned(Box::new((values, fields.clone())))
        }
        _ => unreachable!("the others are not nested"),
    })
}

fn table(dtypes: &[(String, DataType)], rows: usize, start: u64) -> PolarsResult<DataFrame> {
    let mut numbers = Numbers(start);
    let columns = dtypes.iter().enumerate().map(|(i, (name, dtype))| {
        Ok(series(&format!("{i}{name}"), dtype, rows, &mut numbers)?.into_column())
    });
    DataFrame::new(rows, columns.collect::<PolarsResult<_>>()?)
}

fn is_read_back(table: &DataFrame) {
    let refused = table.height() > 0 && table.dtypes().iter().any(has_empty_arrays);
    let frame = match serialize(table) {
        Ok(frame) => frame,
        Err(error) => {
            let text = format!("{error:?}");
            assert!(refused && text.contains("arrays of width 0"), "{text}");
            return;
        }
    };
    assert!(!refused);
    assert_eq!(parts(table).unwrap().to_bytes(), frame);
    let owned: DataFrame = deserialize(&frame).unwrap();
    let shared: DataFrame = deserialize(&frame).unwrap();
    let any = *deserialize_any(&frame).unwrap().downcast::<DataFrame>().unwrap();
    // To polars, a list of structs with a field of type `Null` is not equal to itself in other chunks.
    let mut expected = table.clone();
    expected.rechunk_mut();
    for mut back in [owned, shared, any] {
        assert_eq!(back.schema(), table.schema());
        assert_eq!(back.height(), table.height());
        back.rechunk_mut();
        assert!(back.equals_missing(&expected), "{back:?} instead of {table:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn tables_are_read_back(
        dtypes in vec((prop_oneof![any::<String>(), Just(String::new())], dtype()), 0..5),
        rows in prop_oneof![Just(0_usize), 1..40_usize],
        start: u64,
        cut in (0..20_usize, 0..40_usize),
        chunks in 1..5_usize,
    ) {
        let first = table(&dtypes, rows, start).unwrap();
        is_read_back(&first);
        let mut all = first.clone();
        for i in 1..chunks {
            all.vstack_mut(&table(&dtypes, rows, start.wrapping_add(i as u64)).unwrap()).unwrap();
        }
        is_read_back(&all);
        is_read_back(&all.slice(i64::try_from(cut.0).unwrap(), cut.1));
    }
}

#[test]
fn types_as_deep_as_are_written_are_read() {
    // Without optimization polars takes much stack for each level.
    let check = std::thread::Builder::new().stack_size(256 << 20).spawn(check_deep_types);
    check.unwrap().join().unwrap();
}

fn check_deep_types() {
    let nested = |depth: usize, of: fn(DataType) -> DataType| {
        let dtype = (1..depth).fold(DataType::Int8, |element, _| of(element));
        let series = Series::new_empty("deep".into(), &dtype);
        DataFrame::new(0, vec![series.into_column()]).unwrap()
    };
    let list = |element| DataType::List(Box::new(element));
    // Arrays are left out: with debug assertions, polars checks each one twice as often as the one around it.
    let fields = |element| DataType::Struct(vec![Field::new("f".into(), element)]);
    for of in [list, fields] as [fn(DataType) -> DataType; 2] {
        for depth in [1, 2, 63, 64] {
            let table = nested(depth, of);
            let back: DataFrame = deserialize(&serialize(&table).unwrap()).unwrap();
            assert_eq!(back.schema(), table.schema());
        }
        for depth in [65, 66, 80] {
            let error = format!("{:?}", serialize(&nested(depth, of)).unwrap_err());
            assert!(error.contains("nesting of a column's type: the limit is 64"), "{error}");
        }
    }
}

#[test]
fn rows_without_bytes_are_written_as_many_as_are_read() {
    for rows in [0, 1, 1 << 20, 500_000_000] {
        let nulls = Series::full_null("n".into(), rows, &DataType::Null);
        let table = DataFrame::new(rows, vec![nulls.into_column()]).unwrap();
        let back: DataFrame = deserialize(&serialize(&table).unwrap()).unwrap();
        assert_eq!(back.shape(), (rows, 1));
    }
    let nulls = Series::full_null("n".into(), 600_000_000, &DataType::Null);
    let table = DataFrame::new(600_000_000, vec![nulls.into_column()]).unwrap();
    let error = format!("{:?}", serialize(&table).unwrap_err());
    assert!(error.contains("memory of what is read, in bytes"), "{error}");
    for rows in [u32::MAX as usize, usize::MAX] {
        let error = format!("{:?}", serialize(&DataFrame::empty_with_height(rows)).unwrap_err());
        assert!(error.contains("rows of a table, which polars counts in 32 bits"), "{error}");
    }
    let back: DataFrame =
        deserialize(&serialize(&DataFrame::empty_with_height(u32::MAX as usize - 1)).unwrap())
            .unwrap();
    assert_eq!(back.height(), u32::MAX as usize - 1);
}
