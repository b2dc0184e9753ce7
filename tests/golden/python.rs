//! Frames that ProxyStore 1.1 wrote, with NumPy 2.4, Polars 2.1 and the module in `python`.

use ndarray::{Array2, array};
use ps_serialize::array::DynArray;
use ps_serialize::deserialize;

use super::{Bytes, folder, read};

fn python(name: &str) -> Bytes {
    read(&folder("proxystore-1.1").join(format!("{name}.frame")))
}

fn six() -> Array2<f64> {
    array![[1.0, -0.0, 0.1], [5e-324, f64::INFINITY, -2.5]]
}

#[test]
fn bytes_and_text() {
    assert!(deserialize::<&[u8]>(&python("bytes")).unwrap().iter().copied().eq(0..=255));
    assert_eq!(deserialize::<&str>(&python("text")).unwrap(), "héllo\r\n\0 世界 🌍");
}

#[test]
fn arrays() {
    for name in ["array", "array-fortran-order", "array-big-endian"] {
        let read: Array2<f64> = deserialize(&python(name)).unwrap();
        assert_eq!(read, six(), "{name}");
        assert!(read[[0, 1]].is_sign_negative(), "{name}");
        assert_eq!(read.is_standard_layout(), name != "array-fortran-order");
    }
    let dates: DynArray = deserialize(&python("array-dates")).unwrap();
    assert_eq!(dates.descr(), "<M8[D]");
    assert_eq!(dates.to_array::<i64>().unwrap(), array![0, 20_000, i64::MIN].into_dyn());
}

#[cfg(feature = "pickle")]
#[test]
fn plain_data_in_every_protocol() {
    use ps_serialize::pickle::Value;

    let expected = super::plain::everything();
    assert_eq!(deserialize::<Value>(&python("plain")).unwrap(), expected);
    for protocol in 0..=5 {
        let read: Value = deserialize(&python(&format!("plain-protocol-{protocol}"))).unwrap();
        assert_eq!(read, expected, "protocol {protocol}");
        let frame = python(&format!("plain-array-protocol-{protocol}"));
        let Value::Tuple(read) = deserialize(&frame).unwrap() else { panic!("{protocol}") };
        let [Value::Array(six_), Value::Scalar(scalar)] = &read[..] else { panic!("{read:?}") };
        assert_eq!(six_.to_array::<f64>().unwrap(), six().into_dyn(), "protocol {protocol}");
        assert_eq!(scalar.as_array().to_array::<i16>().unwrap(), ndarray::arr0(-2).into_dyn());
    }
}

#[cfg(feature = "polars")]
#[test]
fn tables() {
    use polars_core::prelude::DataFrame;

    let rows = |name: &str| -> Vec<String> {
        let table: DataFrame = deserialize(&python(name)).unwrap();
        let row = |row| table.get(row).unwrap().iter().map(ToString::to_string).collect();
        (0..table.height()).map(row).map(|row: Vec<String>| row.join("|")).collect()
    };
    assert_eq!(
        rows("table"),
        [
            "1|0.5|\"short\"|2024-02-29|\"a\"|[1, null]",
            "null|null|null|null|\"b\"|[]",
            "3|-0.0|\"größer than twelve bytes 🌍\"|0001-01-01|null|null",
        ]
    );
    // Maps are lists of structs, and of dictionaries of other values than text there are the values.
    assert_eq!(rows("table-map"), [r#"[{"a",1}, {"b",null}]"#, "null", "[]"]);
    assert_eq!(
        rows("table-maps"),
        [
            r#"[{"a",1}]|[{"a",[{"x",1}]}]|[[{"a",1}], null]|{[{"a",null}]}"#,
            "null|null|[]|{null}",
            "[]|[]|null|null",
        ]
    );
    assert_eq!(
        rows("table-dictionaries"),
        [
            r#"[3]|null|{"a"}|[1, 2]|b"\xff"|1970-01-01 00:00:02 UTC|[{"a",1}]|[[]]"#,
            r#"null|null|{null}|null|b"a"|1970-01-01 00:00:01 UTC|null|[]"#,
            r#"[3]|null|null|[1, 2]|null|null|[{"a",1}]|[["a"], null]"#,
        ]
    );
}

#[cfg(feature = "safetensors")]
#[test]
fn tensors() {
    use ps_serialize::tensors::Tensors;

    let frame = python("tensors");
    let read: Tensors = deserialize(&frame).unwrap();
    assert_eq!(read.metadata()["format"], "np");
    assert_eq!(
        read.get("b").unwrap().as_array().unwrap().to_array::<f32>().unwrap(),
        array![1.0, 2.0].into_dyn()
    );
    assert_eq!(read.get("größe").unwrap().shape(), [1, 1]);
    assert_eq!(read.len(), 2);
}

#[cfg(all(feature = "lz4", feature = "zstd"))]
#[test]
fn compressed() {
    for codec in ["lz4", "zstd"] {
        assert_eq!(deserialize::<String>(&python(codec)).unwrap(), "again and ".repeat(100));
        let ramp: ndarray::Array1<i64> =
            deserialize(&python(&format!("{codec}-shuffled-by-8"))).unwrap();
        assert_eq!(ramp, ndarray::Array1::from_iter(0..2000), "{codec}");
    }
}
