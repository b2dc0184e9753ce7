//! `PD`: tables of several versions of pandas, with pyarrow and without, both ways.

use std::collections::BTreeMap;
use std::fmt::Write;

use bytes::Bytes;
use polars_core::df;
use polars_core::prelude::{
    AnyValue, Categories, Column, DataFrame, DataType, FrozenCategories, IntoColumn, NamedFrom,
    Series, TimeUnit, TimeZone,
};
use ps_serialize::pandas::Table;
use ps_serialize::{Frame, deserialize, deserialize_any, parts, serialize, serialize_any};
use serde_json::{Value as Json, json};
use support::{from_hex, hex};

use crate::python::Python;

const SCRIPT: &str = "interop/pandas_tables.py";

/// Each version that can be installed for the Python at hand.
fn versions() -> Vec<Python> {
    let versions: [(&[&str], &[&str]); 6] = [
        (&[], &[]),
        (&[], &["without-pyarrow"]),
        (&["pandas==2.3.3"], &[]),
        (&["pandas==2.2.3"], &[]),
        (&["pandas==2.0.3", "numpy==1.26.4", "pyarrow==14.0.2"], &[]),
        (&["pandas==1.5.3", "numpy==1.26.4", "pyarrow==14.0.2"], &[]),
    ];
    let started = versions.map(|(packages, arguments)| Python::with(packages, SCRIPT, arguments));
    started.into_iter().flatten().collect()
}

/// The kinds of table that a version has, and the version.
fn names(python: &mut Python) -> (Vec<String>, String) {
    let answer = python.ask(&json!({ "names": null }));
    let names = answer["names"].as_array().unwrap_or_else(|| panic!("{answer}")).iter();
    let names = names.map(|name| name.as_str().unwrap().to_owned()).collect();
    (names, answer["version"].as_str().unwrap().to_owned())
}

/// The frame of a table, and what pandas says is in it.
fn table(python: &mut Python, name: &str, protocol: u8) -> (Vec<u8>, Json) {
    let mut answer = python.ask(&json!({ "table": name, "protocol": protocol }));
    let pickle = from_hex(answer["pickle"].as_str().unwrap_or_else(|| panic!("{name}: {answer}")));
    ([b"PD\n".to_vec(), pickle].concat(), answer["described"].take())
}

/// The frame of a table, or of the value of an expression, that the Python module of this repository writes.
fn modules_frame(python: &mut Python, table: &str) -> Vec<u8> {
    python.ask_for_bytes(&json!({ "module": table }))
}

#[test]
fn large_tables_of_the_python_module_are_read() {
    for mut python in versions() {
        for (expression, column, sum) in [
            ("pd.DataFrame(np.arange(60_000.0).reshape(6, -1).T)", "5", 549_995_000),
            ("pd.DataFrame({'i': np.arange(9_000), 't': ['a', 'text'] * 4_500})", "i", 40_495_500),
            (
                "pd.DataFrame({'f': np.arange(20_000.0)[::2], 'i': np.arange(10_000, dtype='i4')})",
                "f",
                99_990_000,
            ),
            (
                "pd.DataFrame({'x': np.arange(8_000.0)}, index=np.arange(8_000) * 2)",
                "x",
                31_996_000,
            ),
        ] {
            let frame = Bytes::from(modules_frame(&mut python, expression));
            let read: Table = deserialize(&frame).unwrap();
            let found = read.frame().column(column).unwrap().cast(&DataType::Int64).unwrap();
            assert_eq!(found.i64().unwrap().iter().flatten().sum::<i64>(), sum, "{expression}");
        }
    }
}

#[test]
fn every_table_of_every_version_is_read_and_written_for_every_version() {
    let mut versions = versions();
    let mut written = BTreeMap::new();
    for python in &mut versions {
        let (names, version) = names(python);
        assert!(names.len() >= 50, "{version}: {} tables", names.len());
        for name in names {
            let what = format!("{version}, {name}");
            let (frame, expected) = table(python, &name, 5);
            let read: Table =
                deserialize(&frame).unwrap_or_else(|error| panic!("{what}: {error:?}"));
            assert_same(&described(&read), &expected, &what);
            for protocol in [0, 4] {
                let (frame, _) = table(python, &name, protocol);
                let other: Table = deserialize(&frame)
                    .unwrap_or_else(|error| panic!("{what}, {protocol}: {error:?}"));
                assert_eq!(described(&other), described(&read), "{what}, {protocol}");
                assert_eq!(other.frame().schema(), read.frame().schema());
            }

            let other: Table = deserialize(&modules_frame(python, &name))
                .unwrap_or_else(|error| panic!("{version}, {name}, module: {error:?}"));
            assert_eq!(described(&other), described(&read), "{version}, {name}, module");

            // The same from an odd address, and of any type.
            let odd = Bytes::from([vec![0], frame.clone()].concat()).slice(1..);
            let again: Table = deserialize(&odd).unwrap();
            assert_eq!(described(&again), described(&read));
            assert!(deserialize_any(&frame).unwrap().is::<Table>());

            match serialize(&read) {
                Ok(ours) => {
                    assert_eq!(parts(&read).unwrap().to_bytes(), ours);
                    let back: Table = deserialize(&ours).unwrap();
                    assert_eq!(described(&back), described(&read), "{what}");
                    assert_eq!(back.index(), read.index());
                    let payload = hex(Frame::parse(&ours).unwrap().payload());
                    written.insert(payload, (what, described(&back)));
                }
                Err(error) => {
                    let refused = ["ArrowDtype: halves", "index: intervals"];
                    assert!(refused.contains(&&*name), "{what}: {error:?}");
                }
            }
        }
    }
    for python in &mut versions {
        let (_, version) = names(python);
        for (payload, (what, table)) in &written {
            let answer = python.ask(&json!({ "read": payload }));
            assert!(answer["error"].is_null(), "{what}, by {version}: {answer}");
            assert_same(table, &answer["described"], &format!("{what}, by {version}"));
        }
    }
}

#[test]
fn what_polars_has_no_type_for_is_refused_by_the_name_of_the_column() {
    for mut python in versions() {
        for (expression, parts) in [
            (
                "pd.DataFrame({'fine': [1], 'mixed': pd.Series(['x'], dtype=object)}).assign(mixed=lambda d: pd.Series([{1}], dtype=object))",
                vec!["\"mixed\"", "`set`"],
            ),
            (
                "pd.DataFrame({'a': pd.Series(['x', 1], dtype=object)})",
                vec!["\"a\"", "several kinds", "`str`", "`int`"],
            ),
            (
                "pd.DataFrame({'a': pd.Series([1, 2.5], dtype=object)})",
                vec!["\"a\"", "`int`", "`float`"],
            ),
            (
                "pd.DataFrame({'a': pd.Series([pd.Period('2020'), None], dtype=object)})",
                vec!["\"a\"", "Period"],
            ),
            ("pd.DataFrame({'a': pd.Series([2**70, 1], dtype=object)})", vec!["\"a\"", "64 bits"]),
            ("pd.DataFrame([[1, 2]], columns=['same', 'same'])", vec!["\"same\"", "rename"]),
            ("pd.DataFrame([[1, 2]], columns=['1', 1])", vec!["\"1\"", "rename"]),
            ("pd.DataFrame({'k': [1]}, index=pd.Index([1], name='k'))", vec!["\"k\"", "rename"]),
            ("pd.Series([1])", vec!["no `DataFrame`", "Series"]),
            ("{'a': 1}", vec!["no `DataFrame`", "plain data"]),
            ("print", vec!["builtins.print"]),
        ] {
            let pickle = python.evaluate_frame(expression);
            let frame = [b"PD\n".to_vec(), pickle].concat();
            let error = deserialize::<Table>(&frame).unwrap_err();
            let message = format!("{error:?}");
            for part in parts {
                assert!(message.contains(part), "{expression}: {message} lacks {part}");
            }
        }
    }
}

/// A column of this type, from physical values.
fn typed(name: &str, values: &[Option<i64>], dtype: &DataType) -> Column {
    Series::new(name.into(), values).cast(dtype).unwrap().into_column()
}

fn every_type() -> DataFrame {
    let zone = TimeZone::opt_try_new(Some("Europe/Berlin")).unwrap();
    let (some, all) = ([Some(1), None, Some(3)], [Some(1), Some(2), Some(3)]);
    let mut columns = vec![
        typed("datetime", &some, &DataType::Datetime(TimeUnit::Nanoseconds, None)),
        typed("berlin", &some, &DataType::Datetime(TimeUnit::Nanoseconds, zone)),
        typed("duration", &some, &DataType::Duration(TimeUnit::Nanoseconds)),
        typed("date", &some, &DataType::Date),
    ];
    for dtype in
        [DataType::Int8, DataType::Int64, DataType::UInt16, DataType::Float32, DataType::Float64]
    {
        columns.push(typed(&format!("{dtype}"), &all, &dtype));
        columns.push(typed(&format!("{dtype}?"), &some, &dtype));
    }
    let mut table = df! {
        "bool" => [true, false, true],
        "bool?" => [Some(true), None, Some(false)],
        "text" => ["x", "größe", ""],
        "text?" => [Some("x"), None, Some("a\nb")],
    }
    .unwrap();
    let texts = Series::new("".into(), ["lo", "hi", "lo"]);
    let categories = DataType::from_categories(Categories::global());
    let levels =
        DataType::from_frozen_categories(FrozenCategories::new(["lo", "mid", "hi"]).unwrap());
    for (name, dtype) in [("category", categories), ("levels", levels)] {
        columns.push(texts.cast(&dtype).unwrap().with_name(name.into()).into_column());
    }
    for column in columns {
        table.with_column(column).unwrap();
    }
    table
}

#[test]
fn written_columns_have_the_types_that_pandas_has_for_them() {
    let table = Table::from(every_type());
    let frame = serialize(&table).unwrap();
    assert_eq!(frame[..64], *format!("{:63}\n", "PD").as_bytes());
    let back: Table = deserialize(&frame).unwrap();
    assert!(back.frame().equals_missing(table.frame()), "{back:?}");
    assert_eq!(back.frame().schema(), table.frame().schema());
    for mut python in versions() {
        let (_, version) = names(&mut python);
        let text = if version.starts_with('3') { "str" } else { "object" };
        let answer = python.ask(&json!({ "read": hex(Frame::parse(&frame).unwrap().payload()) }));
        let expected = json!({
            "bool": "bool", "bool?": "boolean", "text": text, "text?": text,
            "i8": "int8", "i8?": "Int8", "i64": "int64", "i64?": "Int64", "u16": "uint16", "u16?": "UInt16",
            "f32": "float32", "f32?": "Float32", "f64": "float64", "f64?": "Float64",
            "datetime": "datetime64[ns]", "berlin": "datetime64[ns, Europe/Berlin]", "duration": "timedelta64[ns]",
            "date": "object", "category": "category", "levels": "category",
        });
        assert_eq!(answer["types"], expected, "{version}");
        assert_same(&described(&back), &answer["described"], &version);
    }
}

/// Whether this Python has pyarrow.
fn has_pyarrow(python: &mut Python) -> bool {
    python.ask(&json!({ "pyarrow": null })) == json!(true)
}

#[test]
fn text_is_written_for_readers_with_pyarrow_and_without() {
    let texts = |name: &str, texts: &[Option<&str>]| Series::new(name.into(), texts).into_column();
    let tables = [
        vec![
            texts("label", &[Some("a"), Some("b"), Some("c")]),
            texts("whole", &[Some("x"), Some(""), Some("größe 🌍")]),
        ],
        vec![
            texts("label", &[Some("a"), None, Some("c")]),
            texts("some", &[None, Some("a longer text than a view holds"), None]),
        ],
        vec![
            texts("label", &[Some("\n\0"), Some("\u{1f}"), None]),
            texts("none", &[None, None, None]),
        ],
        vec![texts("label", &[]), texts("empty", &[])],
        vec![texts("label", &[None]), texts("one", &[Some("")])],
        vec![texts("label", &[Some("x")]), texts("one", &[None])],
    ];
    let mut versions = versions();
    for columns in tables {
        let frame = DataFrame::new(columns[0].len(), columns).unwrap();
        let indexed = Table::with_index(frame.clone(), ["label"]).unwrap();
        for table in [Table::from(frame), indexed] {
            for (table, needs_pyarrow) in [(table.clone(), false), (table.with_pyarrow(), true)] {
                let ours = serialize(&table).unwrap();
                assert_eq!(parts(&table).unwrap().to_bytes(), ours);
                let back: Table = deserialize(&ours).unwrap();
                assert!(back.frame().equals_missing(table.frame()), "{back:?} and {table:?}");
                assert_eq!(back.frame().schema(), table.frame().schema());
                let payload = hex(Frame::parse(&ours).unwrap().payload());
                for python in &mut versions {
                    let (_, version) = names(python);
                    if !needs_pyarrow || has_pyarrow(python) {
                        let answer = python.ask(&json!({ "read": payload }));
                        assert_same(
                            &described(&table),
                            &answer["described"],
                            &format!("{version}, {table:?}: {answer}"),
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn the_index_is_written_with_its_names() {
    let frame = df! {
        "city" => ["Berlin", "Lima"],
        "__index_level_1__" => [7_i64, 8],
        "people" => [3.7, 10.0],
    }
    .unwrap();
    let mut versions = versions();
    for index in [&["city"][..], &["city", "__index_level_1__"], &[]] {
        let table = Table::with_index(frame.clone(), index.iter().copied()).unwrap();
        let ours = serialize_any(&table).unwrap();
        let back: Table = deserialize(&ours).unwrap();
        assert_eq!(back.index(), index);
        assert_eq!(described(&back), described(&table));
        for python in &mut versions {
            let answer =
                python.ask(&json!({ "read": hex(Frame::parse(&ours).unwrap().payload()) }));
            assert_same(&described(&table), &answer["described"], &format!("{index:?}"));
        }
    }
}

#[test]
fn large_columns_of_numbers_are_neither_copied_to_write_them_nor_to_read_them() {
    let numbers: Vec<f64> = (0..1000).map(f64::from).collect();
    let table = Table::from(df!["a" => &numbers, "b" => &numbers].unwrap());
    let place = |table: &Table| {
        let column = table.frame().column("b").unwrap().f64().unwrap().clone();
        column.downcast_iter().next().unwrap().values().as_ptr()
    };
    let written = parts(&table).unwrap();
    assert!(written.io_slices().iter().any(|part| part.as_ptr().cast() == place(&table)));
    let frame = serialize(&table).unwrap();
    let shared: Table = deserialize(&frame).unwrap();
    assert!(frame.as_ptr_range().contains(&place(&shared).cast()));
    assert!(shared.frame().equals(table.frame()));
}

#[test]
fn what_pandas_has_no_type_for_is_not_written() {
    let wide = Series::new("wide".into(), [1_i64]).cast(&DataType::Int128).unwrap();
    let halves =
        Series::new("halves".into(), [Some(1.5_f32), None]).cast(&DataType::Float16).unwrap();
    let first = Series::new("first".into(), [i64::MIN]);
    let first = first.cast(&DataType::Duration(TimeUnit::Nanoseconds)).unwrap();
    for column in [wide, halves, first] {
        let name = column.name().to_string();
        let table = Table::from(DataFrame::new(column.len(), vec![column.into_column()]).unwrap());
        let message = format!("{:?}", serialize(&table).unwrap_err());
        assert!(message.contains(&format!("column {name:?}")), "{message}");
    }
}

/// What is in a table, as the script says it.
fn described(table: &Table) -> Json {
    let column = |column: &Column| {
        let values = column.as_materialized_series().iter().map(|value| single(&value));
        json!([column.name().as_str(), values.collect::<Vec<_>>()])
    };
    let columns: Vec<_> = table
        .index()
        .iter()
        .map(|name| column(table.frame().column(name).unwrap()))
        .chain(
            table
                .frame()
                .columns()
                .iter()
                .filter(|column| !table.index().contains(&column.name().to_string()))
                .map(column),
        )
        .collect();
    json!({ "rows": table.frame().height(), "index": table.index(), "columns": columns })
}

fn single(value: &AnyValue<'_>) -> Json {
    let nanoseconds = |count: i64, unit: TimeUnit| {
        let unit: i128 = match unit {
            TimeUnit::Nanoseconds => 1,
            TimeUnit::Microseconds => 1000,
            TimeUnit::Milliseconds => 1_000_000,
        };
        integer(i128::from(count) * unit)
    };
    let float = |float: f64| match float {
        float if float.is_nan() => json!("NaN"),
        float => json!(format!("{:016x}", float.to_bits())),
    };
    match value {
        AnyValue::Null => Json::Null,
        AnyValue::Boolean(bool) => json!(bool),
        AnyValue::String(text) => json!(format!("s{text}")),
        AnyValue::Binary(bytes) => json!(bytes.iter().fold("b".to_owned(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        })),
        AnyValue::Float16(number) => float(f64::from(*number)),
        AnyValue::Float32(number) => float((*number).into()),
        AnyValue::Float64(number) => float(*number),
        AnyValue::Date(days) => json!({ "day": days }),
        AnyValue::Time(nanos) => json!({ "time": nanos }),
        AnyValue::Datetime(count, unit, _) => json!({ "moment": nanoseconds(*count, *unit) }),
        AnyValue::Duration(count, unit) => json!({ "duration": nanoseconds(*count, *unit) }),
        AnyValue::Decimal(number, _, scale) => {
            let digits = format!("{:0>1$}", number.unsigned_abs().to_string(), scale + 1);
            let (whole, fraction) = digits.split_at(digits.len() - scale);
            let sign = if *number < 0 { "-" } else { "" };
            let number = format!("{sign}{whole}.{fraction}");
            json!({ "decimal": number.trim_end_matches('0').trim_end_matches('.') })
        }
        AnyValue::List(series) | AnyValue::Array(series, _) => {
            series.iter().map(|value| single(&value)).collect()
        }
        AnyValue::Categorical(..) | AnyValue::Enum(..) => json!(format!("s{}", value.str_value())),
        AnyValue::Struct(_, _, fields) => {
            let mut values = Vec::new();
            value._materialize_struct_av(&mut values);
            let values = fields.iter().zip(&values);
            values.map(|(field, value)| (field.name().to_string(), single(value))).collect()
        }
        value => integer(value.extract().unwrap_or_else(|| panic!("{value:?}"))),
    }
}

fn integer(number: i128) -> Json {
    match u64::try_from(number) {
        Ok(number) => json!(number),
        Err(_) => json!(i64::try_from(number).unwrap()),
    }
}

fn assert_same(ours: &Json, theirs: &Json, what: &str) {
    assert!(is_same(ours, theirs), "{what}:\n  ours {ours}\ntheirs {theirs}");
}

/// Whether they are equal. A dictionary may lack what is null in a struct.
fn is_same(ours: &Json, theirs: &Json) -> bool {
    match (ours, theirs) {
        (Json::Object(ours), Json::Object(theirs)) => {
            ours.iter().all(|(key, value)| is_same(value, theirs.get(key).unwrap_or(&Json::Null)))
                && theirs.keys().all(|key| ours.contains_key(key))
        }
        (Json::Array(ours), Json::Array(theirs)) => {
            ours.len() == theirs.len()
                && ours.iter().zip(theirs).all(|(one, other)| is_same(one, other))
        }
        _ => ours == theirs,
    }
}
