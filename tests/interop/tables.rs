//! `PL`: tables of every type, both ways.

use bytes::Bytes;
use polars_core::df;
use polars_core::prelude::{DataFrame, DataType, IntoColumn, NamedFrom, Series};
use ps_serialize::{
    Frame, deserialize, deserialize_any, parts, read_frame, serialize, serialize_any,
};
use serde_json::json;
use support::hex;

use crate::python::Python;

/// Tables with every type of column that polars writes.
const TABLES: &[&str] = &[
    "pl.DataFrame()",
    "pl.DataFrame({'a': []}, schema={'a': pl.Int64})",
    "pl.DataFrame({'a': [1, 2, 3]})",
    "pl.DataFrame({'': [1], 'größe\\n': [2.5]})",
    "pl.DataFrame({str(d): pl.Series([1, None, 3, 100], dtype=d) for d in [pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64]})",
    "pl.DataFrame({'i': pl.Series([1, None, -2**127], dtype=pl.Int128), 'u': pl.Series([1, None, 2**128 - 1], dtype=pl.UInt128)})",
    "pl.DataFrame({'h': pl.Series([1.5, None, float('nan')], dtype=pl.Float16)})",
    "pl.DataFrame({'f32': pl.Series([1.5, float('nan'), None, -0.0], dtype=pl.Float32), 'f64': [float('inf'), 5e-324, None, -0.0]})",
    "pl.DataFrame({'b': [True, None, False] * 30})",
    "pl.DataFrame({'s': ['', 'a', None, 'twelve bytes', 'thirteen byte', 'ünïcödé 世界 🌍' * 5]})",
    "pl.DataFrame({'s': ['x' * i for i in range(2000)]})",
    "pl.DataFrame({'b': [b'', b'\\xff\\x00', None, bytes(range(256))]})",
    "pl.DataFrame({'n': [None, None]})",
    "pl.DataFrame({'d': [datetime.date(2024, 2, 29), None, datetime.date(1, 1, 1)]})",
    "pl.DataFrame({'t': [datetime.time(23, 59, 59, 999999), None]})",
    "pl.DataFrame({u: pl.Series([1, None, -1], dtype=pl.Datetime(u)) for u in ['ms', 'us', 'ns']})",
    "pl.DataFrame({z: pl.Series([0, None, 10**12], dtype=pl.Datetime('us', z)) for z in ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu']})",
    "pl.DataFrame({u: pl.Series([1, None, -1], dtype=pl.Duration(u)) for u in ['ms', 'us', 'ns']})",
    "pl.DataFrame({'d': [decimal.Decimal('1.23'), None, decimal.Decimal('-99999999999999999999.99')]})",
    "pl.DataFrame({'d': pl.Series(['1', None], dtype=pl.Decimal(38, 0), strict=False)})",
    "pl.DataFrame({'c': pl.Series(['x', 'y', None, 'x'], dtype=pl.Categorical)})",
    "pl.DataFrame({'e': pl.Series(['b', 'a', None, 'b'], dtype=pl.Enum(['a', 'b', 'c']))})",
    "pl.DataFrame({'e': pl.Series([None, None], dtype=pl.Enum([]))})",
    "pl.DataFrame({'l': [[1, 2], [], None, [3, None]]})",
    "pl.DataFrame({'l': [[['a'], None], [[]], None, [['b', 'c'], ['d' * 40]]]})",
    "pl.DataFrame({'a': pl.Series([[1, 2], [3, None], None], dtype=pl.Array(pl.Int16, 2))})",
    "pl.DataFrame({'a': pl.Series([[[1., 2.], [3., 4.]], None], dtype=pl.Array(pl.Float32, (2, 2)))})",
    "pl.DataFrame({'s': [{'x': 1, 'y': 'one'}, None, {'x': None, 'y': 'three'}]})",
    "pl.DataFrame({'s': [{'x': [{'y': [1.5]}, None], 'z': {'w': b'q'}}, {'x': None, 'z': None}]})",
    "pl.DataFrame({'l': pl.Series([['x', 'y'], ['x', None]], dtype=pl.List(pl.Categorical))})",
    "pl.DataFrame({'l': pl.Series([['b'], None, ['a']], dtype=pl.List(pl.Enum(['a', 'b'])))})",
    "pl.DataFrame({'s': pl.Series([{'c': 'x'}, {'c': 'y'}], dtype=pl.Struct({'c': pl.Categorical}))})",
    "pl.DataFrame({'l': pl.Series([[datetime.date(2024, 1, 1)], []], dtype=pl.List(pl.Date))})",
    "pl.DataFrame({'deep': [[[[[[[[[1]]]]]]]]]})",
    "pl.DataFrame({'x': pl.Series([1, None]).ext.to(pl.Extension('a.type', pl.Int64, 'its metadata'))})",
    "pl.DataFrame({'x': pl.Series(['b', None], dtype=pl.Enum(['a', 'b'])).ext.to(pl.Extension('a.type', pl.Enum(['a', 'b'])))})",
    "pl.DataFrame({'x': pl.Series(['a', None]).ext.to(pl.Extension('a.type', pl.String))}).select(pl.struct('x').alias('s'), pl.concat_list('x').alias('l'))",
    "pl.DataFrame({f'column {i}': [i] for i in range(1000)})",
    "pl.DataFrame({'i': range(1000), 's': [str(i) * 5 for i in range(1000)]})[17:900:3]",
    "pl.concat([pl.DataFrame({'i': [i], 's': ['chunk' * i]}) for i in range(5)], rechunk=False)",
    "pl.concat([pl.DataFrame({'c': pl.Series([str(i)], dtype=pl.Categorical)}) for i in range(5)], rechunk=False)",
    "pl.DataFrame({'i': range(10)}).select(pl.lit(7).alias('scalar'), 'i')",
];

#[test]
fn every_type_both_ways() {
    let mut python = Python::start();
    for expression in TABLES {
        let theirs = python.evaluate(expression);
        let table: DataFrame =
            deserialize(&theirs).unwrap_or_else(|error| panic!("{expression}: {error:?}"));
        let ours = serialize(&table).unwrap();
        assert_eq!(ours[..64], *format!("{:63}\n", "PL").as_bytes());
        assert_eq!(ours.as_ptr().align_offset(64), 0);
        python.assert_reads(&ours, expression);
        // pyarrow has no integers of 128 bits.
        if !expression.contains("Int128") {
            let rows = python.ask(&json!({ "arrow": hex(&ours) }));
            assert_eq!(rows, json!(table.height()), "{expression}");
        }
        assert_eq!(parts(&table).unwrap().to_bytes(), ours);
        assert_eq!(serialize_any(&table).unwrap(), ours);
        assert_eq!(
            deserialize_any(&ours).unwrap().downcast_ref::<DataFrame>().unwrap().height(),
            table.height()
        );

        // The same through each way of reading, aligned and not.
        for frame in [Bytes::from(theirs), ours] {
            for frame in [read_frame(&frame[..], None).unwrap(), misaligned(&frame)] {
                let shared: DataFrame = deserialize(&frame).unwrap();
                assert!(shared.equals_missing(&table), "{expression}: {shared:?}");
                let owned: DataFrame = deserialize(&frame).unwrap();
                assert!(owned.equals_missing(&table), "{expression}: {owned:?}");
                assert_eq!(owned.schema(), table.schema());
            }
        }
    }
}

/// The same bytes at an odd address.
fn misaligned(frame: &[u8]) -> Bytes {
    let copy = Bytes::from([&[0], frame].concat()).slice(1..);
    if copy.as_ptr().addr() % 2 == 1 {
        copy
    } else {
        Bytes::from([&[0, 0], frame].concat()).slice(2..)
    }
}

#[test]
fn the_values_are_the_same() {
    let mut python = Python::start();
    let expression = "pl.DataFrame({'i': [1, 2, 3], 'f': [1.5, None, -0.0], 's': ['one', None, 'a longer string']})";
    let table = df! {
        "i" => [1_i64, 2, 3],
        "f" => [Some(1.5), None, Some(-0.0)],
        "s" => [Some("one"), None, Some("a longer string")],
    }
    .unwrap();
    let theirs: DataFrame = deserialize(&python.evaluate(expression)).unwrap();
    assert!(theirs.equals_missing(&table), "{theirs:?}");
    python.assert_reads(&serialize(&table).unwrap(), expression);
}

#[test]
fn compressed_and_older_layouts_are_read() {
    let mut python = Python::start();
    for expression in TABLES {
        let expected: DataFrame = deserialize(&python.evaluate(expression)).unwrap();
        for options in [
            "compression='lz4'",
            "compression='zstd'",
            "compat_level=pl.CompatLevel.oldest()",
            "compat_level=pl.CompatLevel.oldest(), compression='zstd'",
            "record_batch_size=2",
        ] {
            let bytes = python.evaluate(&format!("ipc({expression}, {options})"));
            let frame = [b"PL\n", Frame::parse(&bytes).unwrap().payload()].concat();
            let table: DataFrame = deserialize(&frame)
                .unwrap_or_else(|error| panic!("{expression}, {options}: {error:?}"));
            assert!(table.equals_missing(&expected), "{expression}, {options}: {table:?}");
        }
    }
}

#[test]
fn files_of_pyarrow_are_read() {
    let mut python = Python::start();
    for columns in [
        "{'i': pa.array([1, None], pa.int32()), 's': pa.array(['a', None])}",
        "{'s': pa.array(['a', None], pa.large_string()), 'v': pa.array(['long enough for a view', None], pa.string_view())}",
        "{'b': pa.array([b'a', None]), 'f': pa.array([b'ab', None], pa.binary(2)), 'l': pa.array([[1], None])}",
        "{'d': pa.array(['x', 'y', 'x']).dictionary_encode(), 't': pa.array([1, 2, 3], pa.timestamp('s', 'UTC')), 'm': pa.array([1, 2, 3], pa.time32('ms'))}",
        "{'s': pa.array([{'a': 1, 'b': [True]}, None])}",
        "{'d': pa.array([decimal.Decimal('1.5')], pa.decimal128(10, 2)), 'e': pa.array([1], pa.date64())}",
        "{'empty': pa.array([], pa.string())}",
    ] {
        let file = format!("arrow_file(pa.table({columns}))");
        let bytes = python.evaluate(&file);
        let frame = [b"PL\n", Frame::parse(&bytes).unwrap().payload()].concat();
        let table: DataFrame =
            deserialize(&frame).unwrap_or_else(|error| panic!("{columns}: {error:?}"));
        python.assert_reads(
            &serialize(&table).unwrap(),
            &format!("pl.from_arrow(pa.table({columns}))"),
        );
    }
}

#[test]
fn chunked_and_sliced_tables_are_written() {
    let mut python = Python::start();
    let mut table = df! { "i" => 0..10_i64, "s" => ["some text of a length"; 10] }.unwrap();
    for _ in 0..3 {
        table.vstack_mut(&table.clone()).unwrap();
    }
    assert!(table.first_col_n_chunks() > 1);
    let column = Series::new("one chunk".into(), (0..80_u8).collect::<Vec<_>>()).into_column();
    table.with_column(column).unwrap();
    let expression = "pl.DataFrame({'i': list(range(10)) * 8, 's': ['some text of a length'] * 80, 'one chunk': pl.Series(range(80), dtype=pl.UInt8)})";
    python.assert_reads(&serialize(&table).unwrap(), expression);
    python.assert_reads(&serialize(&table.slice(3, 17)).unwrap(), &format!("{expression}[3:20]"));
    let back: DataFrame = deserialize(&serialize(&table).unwrap()).unwrap();
    assert!(back.equals_missing(&table));
}

#[test]
fn a_shared_table_copies_no_column() {
    let numbers: Vec<f64> = (0..1000).map(f64::from).collect();
    let table = df! { "x" => &numbers, "s" => vec!["text that is not short"; 1000] }.unwrap();
    let parts = parts(&table).unwrap();
    let data = table.column("x").unwrap().f64().unwrap().cont_slice().unwrap();
    let ours = parts.io_slices();
    assert!(ours.iter().any(|slice| slice.as_ptr() == data.as_ptr().cast()), "it was copied");

    let frame = serialize(&table).unwrap();
    let shared: DataFrame = deserialize(&frame).unwrap();
    let data = shared.column("x").unwrap().f64().unwrap().cont_slice().unwrap();
    assert!(frame.as_ptr_range().contains(&data.as_ptr().cast()), "it was copied");
    assert_eq!(shared.dtypes(), [DataType::Float64, DataType::String]);
}

#[test]
fn what_is_no_arrow_file_is_refused_by_name() {
    for (payload, expected) in [
        (&b"\xff\xff\xff\xff\x10\0\0\0"[..], "an Arrow stream"),
        (b"FEA1", "the first version of Feather"),
        (b"ARROW1\0\0", "not complete"),
        (b"", "no Arrow file"),
        (b"PAR1", "no Arrow file"),
    ] {
        let error = deserialize::<DataFrame>(&[b"PL\n", payload].concat()).unwrap_err();
        assert!(format!("{error:?}").contains(expected), "{error:?}");
    }
}

/// Files that pyarrow can write, and of which polars would make other values, text that is none, more
/// memory than there is, or minutes of work.
#[test]
fn files_that_polars_would_misread_are_refused() {
    let mut python = Python::start();
    let decimals = "pa.array([decimal.Decimal('1.5')] * 20, pa.decimal32(9, 2))";
    let wider = "pa.array([decimal.Decimal('1.5')] * 20, pa.decimal256(50, 2))";
    let categories = "[pa.field('c', pa.dictionary(pa.uint32(), pa.binary()), metadata={'_PL_CATEGORICAL2': '0;0;u32;'})]";
    for (table, says) in [
        (format!("pa.table({{'c': pa.StructArray.from_arrays([{decimals}], ['d'])}})"), "32 bits"),
        (format!("pa.table({{'c': pa.FixedSizeListArray.from_arrays({decimals}, 2)}})"), "32 bits"),
        (format!("pa.table({{'c': {wider}}})"), "256 bits"),
        (
            format!(
                "pa.table([pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.uint32()), \
                 pa.array([b'\\xff\\xfe\\x80\\xff', b'\\xf0\\x28\\x8c\\xbc']))], schema=pa.schema({categories}))"
            ),
            "categories that are not text",
        ),
        // Each null would become two thousand million numbers.
        (
            "pa.table({'c': pa.DictionaryArray.from_arrays(pa.array([None] * 10, pa.uint8()), \
             pa.array([], pa.list_(pa.int64(), 2**31 - 1)))})"
                .to_owned(),
            "memory of what is read, in bytes",
        ),
        (
            "pa.table({'c': pa.DictionaryArray.from_arrays(pa.array([0] * 100_000, pa.uint32()), \
             pa.array([list(range(100_000))]))})"
                .to_owned(),
            "memory of what is read, in bytes",
        ),
        (
            "pa.table({'c': pa.DictionaryArray.from_arrays(pa.array([0] * 100_000, pa.uint8()), \
             pa.array([b'x' * 1_000_000]))})"
                .to_owned(),
            "memory of what is read, in bytes",
        ),
        (
            "pa.table({'c': pa.DictionaryArray.from_arrays(pa.array([0] * 10_000, pa.uint8()), \
             pa.array([[(str(i), i) for i in range(20_000)]], pa.map_(pa.string(), pa.int64())))})"
                .to_owned(),
            "memory of what is read, in bytes",
        ),
        (
            "pa.table({'c': pa.DictionaryArray.from_arrays(pa.array([0] * 100_000, pa.uint32()), \
             pa.array(['x' * 1_000_000]))})"
                .to_owned(),
            "bytes of dictionary texts that rows refer to",
        ),
    ] {
        let bytes = python.evaluate(&format!("arrow_file({table})"));
        let frame = [b"PL\n", Frame::parse(&bytes).unwrap().payload()].concat();
        let error = format!("{:?}", deserialize::<DataFrame>(&frame).unwrap_err());
        assert!(error.contains(says), "{table}: {error}");
    }
    // At the top, polars takes them for what they are.
    let bytes = python.evaluate(&format!("arrow_file(pa.table({{'c': {decimals}}}))"));
    let frame = [b"PL\n", Frame::parse(&bytes).unwrap().payload()].concat();
    let table: DataFrame = deserialize(&frame).unwrap();
    assert_eq!(table.columns()[0].get(7).unwrap().to_string(), "1.50");
}

/// A column of pyarrow becomes that of Python's polars, or, for maps, the one that polars in Rust has for it.
fn is_read_as(python: &mut Python, array: &str, series: &str) {
    let bytes = python.evaluate(&format!("arrow_file(pa.table({{'c': {array}}}))"));
    let frame = [b"PL\n", Frame::parse(&bytes).unwrap().payload()].concat();
    let table: DataFrame = deserialize(&frame).unwrap_or_else(|error| panic!("{array}: {error:?}"));
    let expected = format!("pl.DataFrame({{'c': {series}}})");
    python.assert_reads(&serialize(&table).unwrap(), &expected);
}

#[test]
fn maps_are_read_as_lists_of_structs() {
    let mut python = Python::start();
    let map = "pa.map_(pa.string(), pa.int64())";
    let pairs = "pl.List(pl.Struct({'key': pl.String, 'value': pl.Int64}))";
    for (array, series) in [
        (
            "pl.Series([{'a': 1, 'b': None}, None, {}], dtype=pl.Map(pl.String, pl.Int64)).to_arrow()"
                .to_owned(),
            format!("pl.Series([[{{'key': 'a', 'value': 1}}, {{'key': 'b', 'value': None}}], None, []], dtype={pairs})"),
        ),
        (
            format!("pa.array([[('a', 1)], None, []], {map})[1:]"),
            format!("pl.Series([None, []], dtype={pairs})"),
        ),
        (
            format!("pa.array([[[('a', 1)], None], []], pa.large_list({map}))"),
            format!("pl.Series([[[{{'key': 'a', 'value': 1}}], None], []], dtype=pl.List({pairs}))"),
        ),
        (
            "pa.array([[(1, [('x', True)])]], pa.map_(pa.int8(), pa.map_(pa.string(), pa.bool_(), keys_sorted=True)))"
                .to_owned(),
            "pl.Series([[{'key': 1, 'value': [{'key': 'x', 'value': True}]}]], dtype=pl.List(pl.Struct({'key': pl.Int8, 'value': pl.List(pl.Struct({'key': pl.String, 'value': pl.Boolean}))})))"
                .to_owned(),
        ),
        (
            "pa.array([[('x', 'a'), ('y', 'a')], None], pa.map_(pa.string(), pa.dictionary(pa.int8(), pa.string())))"
                .to_owned(),
            "pl.Series([[{'key': 'x', 'value': 'a'}, {'key': 'y', 'value': 'a'}], None], dtype=pl.List(pl.Struct({'key': pl.String, 'value': pl.Categorical})))"
                .to_owned(),
        ),
        (
            format!("pa.array([], {map})"),
            format!("pl.Series([], dtype={pairs})"),
        ),
    ] {
        is_read_as(&mut python, &array, &series);
    }
}

#[test]
fn dictionaries_of_all_but_text_are_read_as_their_values() {
    let mut python = Python::start();
    let dictionary = |keys: &str, values: &str| {
        format!("pa.DictionaryArray.from_arrays(pa.array({keys}, pa.int32()), {values})")
    };
    for (array, series) in [
        (
            dictionary("[0, 1, None, 0]", "pa.array([[1, 2], [3]])"),
            "pl.Series([[1, 2], [3], None, [1, 2]])",
        ),
        (
            // An array as pandas writes categories that are all missing.
            dictionary("[None, None, None]", "pa.array([], pa.null())"),
            "pl.Series([None, None, None])",
        ),
        (dictionary("[0, None]", "pa.array([None], pa.null())"), "pl.Series([None, None])"),
        (
            dictionary("[1, None, 0]", "pa.array([True, None])"),
            "pl.Series([None, None, True], dtype=pl.Boolean)",
        ),
        (
            dictionary("[0, None]", "pa.array([decimal.Decimal('1.50')], pa.decimal64(9, 2))"),
            "pl.Series([decimal.Decimal('1.50'), None], dtype=pl.Decimal(9, 2))",
        ),
        (
            dictionary("[1, 0, None]", "pa.array([1, 86400], pa.duration('s'))"),
            "pl.Series([86400000, 1000, None], dtype=pl.Duration('ms'))",
        ),
        (
            dictionary("[1, 0]", "pa.array([{'a': ['x']}, {'a': None}])"),
            "pl.Series([{'a': None}, {'a': ['x']}], dtype=pl.Struct({'a': pl.List(pl.String)}))",
        ),
        (
            dictionary(
                "[1, 0, 1]",
                "pa.array([['x', 'y'], ['x']], pa.list_(pa.dictionary(pa.int8(), pa.string())))",
            ),
            "pl.Series([['x'], ['x', 'y'], ['x']], dtype=pl.List(pl.Categorical))",
        ),
        (
            format!(
                "pa.StructArray.from_arrays([{}], ['d'])",
                dictionary("[0, None]", "pa.array([[1.5]])")
            ),
            "pl.Series([{'d': [1.5]}, {'d': None}])",
        ),
        (
            dictionary("[]", "pa.array([], pa.list_(pa.int8()))"),
            "pl.Series([], dtype=pl.List(pl.Int8))",
        ),
        (
            dictionary("[0, 1, None]", "pa.array(['v' * 30, None], pa.string_view())"),
            "pl.Series(['v' * 30, None, None], dtype=pl.Categorical)",
        ),
        (
            dictionary("[1, 0]", "pa.array([1.5, 2.5], pa.float16())"),
            "pl.Series([2.5, 1.5], dtype=pl.Float16)",
        ),
    ] {
        is_read_as(&mut python, &array, series);
    }
}

#[test]
fn keys_in_rows_of_null_are_not_looked_at() {
    let mut python = Python::start();
    let dictionary = |keys: &str, dtype: &str, values: &str| {
        let mask = "np.array([False, True, False, True])";
        format!(
            "pa.DictionaryArray.from_arrays(pa.array(np.array({keys}, {dtype:?}), mask={mask}), pa.array({values}))"
        )
    };
    for (array, series) in [
        (
            // Some values are missing, as in pandas' categories.
            dictionary("[0, -1, 1, -1]", "i1", "['a', 'b']"),
            "pl.Series(['a', None, 'b', None], dtype=pl.Categorical)",
        ),
        (dictionary("[0, -1, 1, -1]", "i1", "[1.5, 2.5]"), "pl.Series([1.5, None, 2.5, None])"),
        (
            dictionary("[1, -128, 0, 2]", "i8", "[[1], [2, 3]]"),
            "pl.Series([[2, 3], None, [1], None])",
        ),
        (
            dictionary("[1, 255, 0, 2]", "u1", "['a', 'b']"),
            "pl.Series(['b', None, 'a', None], dtype=pl.Categorical)",
        ),
        (dictionary("[0, 2**64 - 1, 0, 1]", "u8", "[True]"), "pl.Series([True, None, True, None])"),
        (
            format!(
                "pa.ListArray.from_arrays([0, 1, 4], {})",
                dictionary("[1, -1, 0, -1]", "i4", "['a', 'b']")
            ),
            "pl.Series([['b'], [None, 'a', None]], dtype=pl.List(pl.Categorical))",
        ),
    ] {
        is_read_as(&mut python, &array, series);
    }
}

#[test]
fn types_that_polars_has_others_for_are_read_as_those() {
    let mut python = Python::start();
    for (array, series) in [
        (
            "pa.array([decimal.Decimal('1.50'), None], pa.decimal32(9, 2))",
            "pl.Series([decimal.Decimal('1.50'), None], dtype=pl.Decimal(9, 2))",
        ),
        (
            "pa.array([1, None], pa.timestamp('s', '+02:00'))",
            "pl.Series([1000, None], dtype=pl.Datetime('ms', 'Etc/GMT-2'))",
        ),
        (
            "pa.array([[1, None]], pa.list_(pa.time32('s')))",
            "pl.Series([[datetime.time(0, 0, 1), None]])",
        ),
        ("pa.array([b'0' * 16, None], pa.uuid())", "pl.Series([b'0' * 16, None])"),
        (
            "pa.array(['{}', None], pa.json_())",
            "pl.Series(['{}', None]).ext.to(pl.Extension('arrow.json', pl.String, ''))",
        ),
        ("pa.array([{}, None], pa.struct([]))", "pl.Series([{}, None], dtype=pl.Struct({}))"),
    ] {
        is_read_as(&mut python, array, series);
    }
}

#[test]
fn types_that_polars_has_nothing_for_are_refused_with_what_to_do() {
    let mut python = Python::start();
    let big = i64::MAX / 1000 + 1;
    for (array, says) in [
        (
            "pa.UnionArray.from_dense(pa.array([0, 1], pa.int8()), pa.array([0, 0], pa.int32()), [pa.array([1]), pa.array(['x'])])",
            &["a union", "a column for each type"][..],
        ),
        (
            "pa.UnionArray.from_sparse(pa.array([0, 1], pa.int8()), [pa.array([1, 2]), pa.array(['x', 'y'])])",
            &["a union", "a column for each type"],
        ),
        (
            "pa.array([(1, 2, 3), None], pa.month_day_nano_interval())",
            &["calendar intervals", "cast them to a duration"],
        ),
        (
            "pa.RunEndEncodedArray.from_arrays([1, 3], ['a', 'b'])",
            &["run-end-encoded", "`pyarrow.compute.run_end_decode`"],
        ),
        ("pa.array([[1], None], pa.list_view(pa.int64()))", &["list views", "cast them to lists"]),
        (
            "pa.array([[1], None], pa.large_list_view(pa.int64()))",
            &["list views", "cast them to lists"],
        ),
        ("pa.array([b'', None], pa.binary(0))", &["the fixed width 0", "`binary`"]),
        ("pa.array([decimal.Decimal('1.5')], pa.decimal256(50, 2))", &["256 bits", "`decimal128`"]),
        (
            "pa.array([[decimal.Decimal('1.5')]], pa.list_(pa.decimal64(9, 2)))",
            &["\"item\"", "64 bits inside of another type", "`decimal128`"],
        ),
        (
            "pa.array([decimal.Decimal('1500')], pa.decimal128(5, -2))",
            &["the precision 5 and the scale -2", "cast them"],
        ),
        ("pa.array([1], pa.timestamp('us', '-05:30'))", &["the unknown zone \"-05:30\"", "`UTC`"]),
        (
            "pa.array([[1]], pa.list_(pa.timestamp('us', 'Nowhere/City')))",
            &["\"item\"", "the unknown zone \"Nowhere/City\"", "`UTC`"],
        ),
        (
            "pa.StructArray.from_arrays([pa.array([1]), pa.array([2])], ['a', 'a'])",
            &["two fields \"a\"", "rename"],
        ),
        (
            &format!("pa.array([None, {big}], pa.timestamp('s'))"),
            &["Timestamp", "too large for the unit"],
        ),
        (
            &format!("pa.array([1, -{big}], pa.duration('s'))"),
            &["Duration", "too large for the unit"],
        ),
        (
            &format!("pa.array([[{big}]], pa.list_(pa.time64('us')))"),
            &["Time64", "too large for the unit"],
        ),
        (
            &format!(
                "pa.DictionaryArray.from_arrays(pa.array([0]), pa.array([{big}], pa.timestamp('s')))"
            ),
            &["Timestamp", "too large for the unit"],
        ),
    ] {
        let table = format!("pa.table({{'c': {array}, 'other': pa.nulls(len({array}))}})");
        let bytes = python.evaluate(&format!("arrow_file({table})"));
        let frame = [b"PL\n", Frame::parse(&bytes).unwrap().payload()].concat();
        let error = format!("{:?}", deserialize::<DataFrame>(&frame).unwrap_err());
        assert!(error.contains("column \"c\""), "{array}: {error}");
        for says in says {
            assert!(error.contains(says), "{array}: {error}");
        }
    }
}

/// polars in Python can't read a batch with such arrays, and it writes no batch for a table without rows.
#[test]
fn arrays_of_width_0_are_written_where_python_reads_them() {
    let mut python = Python::start();
    for dtype in [
        "pl.Array(pl.Int64, 0)",
        "pl.Array(pl.String, 0)",
        "pl.Array(pl.Array(pl.Int8, 3), 0)",
        "pl.Array(pl.Array(pl.Int8, 0), 3)",
        "pl.List(pl.Array(pl.Int8, 0))",
        "pl.Struct({'x': pl.Array(pl.Categorical, 0)})",
    ] {
        let of = |rows: &str| {
            format!(
                "pl.DataFrame({{'i': pl.Series({rows}, dtype=pl.Int8), 'a': pl.Series({rows}, dtype={dtype})}})"
            )
        };
        let empty: DataFrame = deserialize(&python.evaluate(&of("[]"))).unwrap();
        python.assert_reads(&serialize(&empty).unwrap(), &of("[]"));

        let rows: DataFrame = deserialize(&python.evaluate(&of("[None] * 3"))).unwrap();
        assert_eq!(rows.shape(), (3, 2));
        let error = format!("{:?}", serialize(&rows).unwrap_err());
        assert!(error.contains("column \"a\" has arrays of width 0"), "{error}");
        python.assert_reads(&serialize(&rows.clear()).unwrap(), &of("[]"));
    }
}

/// Batches in which all lists are empty, among others.
#[test]
fn lists_of_categories_in_several_batches_are_read() {
    let mut python = Python::start();
    for dtype in ["pl.Categorical", "pl.Enum(['a', 'b'])"] {
        let table = format!(
            "pl.DataFrame({{'l': pl.Series([[]] * 40 + [['a']] * 40 + [[]] * 40 + [['b', None]], dtype=pl.List({dtype}))}})"
        );
        let bytes = python.evaluate(&format!("ipc({table}, record_batch_size=30)"));
        let frame = [b"PL\n", Frame::parse(&bytes).unwrap().payload()].concat();
        let read: DataFrame = deserialize(&frame).unwrap();
        python.assert_reads(&serialize(&read).unwrap(), &table);
    }
}
