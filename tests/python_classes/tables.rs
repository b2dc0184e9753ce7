//! Tables of the crate `polars` in classes.

use ndarray::{Array1, array};
use polars_core::df;
use polars_core::prelude::DataFrame;
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
    let none = Sales { parts: vec![], more: None, ..value };
    let frame = serialize(&none).unwrap();
    assert_eq!(python.say(&frame, "it.parts, it.more"), "([], None)");
    assert_eq!(deserialize::<Sales>(&frame).unwrap(), none);
}

#[test]
fn a_table_that_python_pickles_itself_is_refused_with_advice() {
    let mut python = start();
    for protocol in PROTOCOLS {
        for frame in
            [python.pickle(SALES, protocol), python.again(&serialize(&sales()).unwrap(), protocol)]
        {
            for error in [
                deserialize::<Sales>(&frame).map(drop).unwrap_err(),
                deserialize_any(&frame).map(drop).unwrap_err(),
            ] {
                let error = format!("{error:#}");
                assert!(error.contains("`polars.dataframe.frame.DataFrame`"), "{error}");
                assert!(error.contains("send a `DataFrame` as a `PL` frame of its own"), "{error}");
            }
        }
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
        for expression in ["[1]", "None", "np.zeros(2)", "{'a': [1]}"] {
            let frame = python.pickle(&format!("tables.Other({expression})"), protocol);
            let error = format!("{:#}", deserialize::<Other>(&frame).unwrap_err());
            assert!(error.contains("in the field `table`"), "{expression}: {error}");
            assert!(error.contains("`polars.from_pandas`"), "{expression}: {error}");
        }
    }
}
