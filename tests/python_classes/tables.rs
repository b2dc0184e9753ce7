//! Tables of the crate `polars` in classes.

use ndarray::{Array1, array};
use polars_core::df;
use polars_core::prelude::{DataFrame, DataType, IntoColumn, TimeUnit};
use ps_serialize::{deserialize, deserialize_any, parts, serialize, serializer};

use crate::{PROTOCOLS, start};

#[serializer(python = "tables.Sales")]
#[derive(Debug, PartialEq, Clone)]
struct Sales {
    year: i32,
    #[serializer(frame)]
    table: DataFrame,
    #[serializer(frames)]
    parts: Vec<DataFrame>,
    #[serializer(frames)]
    more: Option<DataFrame>,
    #[serializer(frame)]
    weights: Array1<f64>,
}

fn cities() -> DataFrame {
    df! { "city" => ["Bern", "Quito", "a city with a name that is long"], "height" => [Some(542_i64), None, Some(2850)] }
        .unwrap()
}

fn sales() -> Sales {
    let empty = df! { "x" => Vec::<f64>::new() }.unwrap();
    Sales {
        year: 2024,
        table: cities(),
        parts: vec![cities(), empty],
        more: Some(df! { "flag" => [true, false] }.unwrap()),
        weights: array![0.5, 1.5],
    }
}

const SALES: &str = "tables.Sales(2024, tables.cities(), [tables.cities(), pl.DataFrame({'x': []}, schema={'x': pl.Float64})], pl.DataFrame({'flag': [True, False]}), np.array([0.5, 1.5]))";

#[test]
fn a_class_with_tables_is_the_same_on_both_sides() {
    let mut python = start();
    let value = sales();
    let frame = serialize(&value).unwrap();
    assert_eq!(parts(&value).unwrap().to_bytes(), frame);
    assert_eq!(python.say(&frame, &format!("tables.same(it, {SALES})")), "True");
    assert_eq!(
        python.say(&frame, "type(it).__name__, type(it.table).__name__, it.table.schema"),
        "('Sales', 'DataFrame', Schema([('city', String), ('height', Int64)]))"
    );
    assert_eq!(deserialize::<Sales>(&frame).unwrap(), value);
    assert_eq!(deserialize_any(&frame).unwrap().downcast_ref(), Some(&value));
    for protocol in PROTOCOLS {
        let frame = python.pickle(SALES, protocol);
        assert_eq!(deserialize::<Sales>(&frame).unwrap(), value, "{protocol}");
        assert_eq!(deserialize_any(&frame).unwrap().downcast_ref(), Some(&value), "{protocol}");
        let frame = python.again(&serialize(&value).unwrap(), protocol);
        assert_eq!(deserialize::<Sales>(&frame).unwrap(), value, "{protocol}");
    }
    let none = Sales { parts: vec![], more: None, ..value };
    let frame = serialize(&none).unwrap();
    assert_eq!(python.say(&frame, "it.parts, it.more"), "([], None)");
    assert_eq!(deserialize::<Sales>(&python.again(&frame, 5)).unwrap(), none);
}

#[test]
fn a_table_that_python_pickles_has_every_type_of_column() {
    #[serializer(python = "tables.Wide")]
    #[derive(Debug, PartialEq)]
    struct Wide {
        #[serializer(frame)]
        table: DataFrame,
    }

    let mut python = start();
    for protocol in PROTOCOLS {
        for rows in [0, 1, 3, 1000] {
            let frame = python.pickle(&format!("tables.Wide(tables.wide({rows}))"), protocol);
            let wide = deserialize::<Wide>(&frame).unwrap();
            assert_eq!(wide.table.height(), rows);
            let column = |name: &str| wide.table.column(name).unwrap().dtype().clone();
            assert_eq!(column("i8"), DataType::Int8);
            assert_eq!(column("time"), DataType::Datetime(TimeUnit::Microseconds, None));
            assert!(matches!(column("category"), DataType::Categorical(..)));
            assert!(matches!(column("list"), DataType::List(_)));
            assert!(matches!(column("struct"), DataType::Struct(_)));
            // Python reads back what it wrote.
            let frame = serialize(&wide).unwrap();
            let same = format!(
                "it.table.equals(tables.wide({rows})) and it.table.schema == tables.wide({rows}).schema"
            );
            assert_eq!(python.say(&frame, &same), "True", "{protocol} {rows}");
        }
        // Several chunks, which are several batches.
        let frame =
            python.pickle("tables.Wide(pl.concat([tables.cities()] * 3, rechunk=False))", protocol);
        let wide = deserialize::<Wide>(&frame).unwrap();
        assert_eq!(wide.table.height(), 9);
        let cities = cities();
        assert_eq!(wide.table.slice(6, 3), cities);
        assert_eq!(
            wide.table.column("city").unwrap().slice(3, 3),
            cities.column("city").unwrap().clone().into_column()
        );
    }
}

#[test]
fn a_table_of_another_kind_is_an_error_that_says_what_to_do() {
    #[serializer(python = "tables.Other")]
    #[derive(Debug, PartialEq)]
    struct Other {
        #[serializer(frame)]
        table: DataFrame,
    }

    let mut python = start();
    for protocol in PROTOCOLS {
        for expression in ["[1]", "None", "pl.Series([1])", "np.zeros(2)", "{'a': [1]}"] {
            let frame = python.pickle(&format!("tables.Other({expression})"), protocol);
            let error = format!("{:#}", deserialize::<Other>(&frame).unwrap_err());
            assert!(error.contains("in the field `table`"), "{expression}: {error}");
            assert!(error.contains("`polars.from_pandas`"), "{expression}: {error}");
        }
    }
}

#[test]
fn a_stream_that_lies_is_an_error() {
    #[serializer(python = "tables.Lie")]
    #[derive(Debug, PartialEq)]
    struct Lie {
        #[serializer(frame)]
        table: DataFrame,
    }

    let mut python = start();
    let stream = python.say(b"US\n", "tables.stream()");
    let stream = support::from_hex(&stream);
    let read = |stream: &[u8]| {
        let mut frame = b"PK\n\x80\x05ctables\nLie\n)\x81}\x8c\x05tablecpolars.dataframe.frame\nDataFrame\n)\x81B".to_vec();
        frame.extend_from_slice(&u32::try_from(stream.len()).unwrap().to_le_bytes());
        frame.extend_from_slice(stream);
        frame.extend_from_slice(b"bsb.");
        deserialize::<Lie>(&frame)
    };
    assert_eq!(read(&stream).unwrap().table, cities());
    // Without the mark of the end.
    let end = stream.len() - 8;
    assert_eq!(read(&stream[..end]).unwrap().table, cities());
    for length in (0..end).chain(end + 1..stream.len()) {
        if let Ok(lie) = read(&stream[..length]) {
            // Only between two messages: a table of fewer batches.
            assert_eq!(lie.table.height(), 0, "{length}");
        }
    }
    let error = read(&[&stream[..], b"more"].concat()).unwrap_err();
    assert!(format!("{error:#}").contains("4 bytes after its end"), "{error:#}");
    for place in 0..stream.len() {
        for byte in [0, 1, 0x7f, 0x80, 0xff] {
            let mut lie = stream.clone();
            lie[place] = byte;
            // Another table or an error.
            let _ = read(&lie);
        }
    }
}
