//! Plain data is made from Rust values, and asked for what is in it, as `serde_json`'s values are.

use std::collections::{BTreeMap, HashMap};

use num_bigint::BigInt;
use proptest::prelude::*;
use ps_serialize::pickle::{Pickle, Value};
use ps_serialize::{deserialize, deserialize_with, serialize};

#[test]
fn integers_have_one_form_whatever_they_are_made_from() {
    for (value, expected) in [
        (Value::from(-7_i8), -7),
        (Value::from(i16::MIN), i16::MIN.into()),
        (Value::from(7_i32), 7),
        (Value::from(i64::MIN), i64::MIN),
        (Value::from(-7_isize), -7),
        (Value::from(i128::from(i64::MIN)), i64::MIN),
        (Value::from(255_u8), 255),
        (Value::from(u16::MAX), u16::MAX.into()),
        (Value::from(u32::MAX), u32::MAX.into()),
        (Value::from(u64::MAX / 2), i64::MAX),
        (Value::from(7_usize), 7),
        (Value::from(7_u128), 7),
        (Value::from(BigInt::from(-7)), -7),
        (Value::from(BigInt::from(i64::MAX)), i64::MAX),
    ] {
        assert_eq!(value, Value::Int(expected));
        assert_eq!(deserialize::<Value>(&serialize(&value).unwrap()).unwrap(), value);
    }
    for (value, expected) in [
        (Value::from(u64::MAX), BigInt::from(u64::MAX)),
        (Value::from(i128::MIN), BigInt::from(i128::MIN)),
        (Value::from(u128::MAX), BigInt::from(u128::MAX)),
        (Value::from(i128::from(i64::MIN) - 1), BigInt::from(i64::MIN) - 1),
        (Value::from(BigInt::from(1) << 100_u32), BigInt::from(1) << 100_u32),
    ] {
        assert_eq!(value, Value::BigInt(Box::new(expected)));
        assert_eq!(deserialize::<Value>(&serialize(&value).unwrap()).unwrap(), value);
    }
}

#[test]
fn texts_bytes_and_numbers_become_what_they_are_in_python() {
    assert_eq!(Value::from(true), Value::Bool(true));
    assert_eq!(Value::from(0.5_f32), Value::Float(0.5));
    assert_eq!(Value::from(-0.25), Value::Float(-0.25));
    assert_eq!(Value::from("é"), Value::Str("é".to_owned()));
    assert_eq!(Value::from("é".to_owned()), Value::Str("é".to_owned()));
    let bytes = Value::Bytes(vec![1, 2]);
    assert_eq!(Value::from(vec![1_u8, 2]), bytes);
    assert_eq!(Value::from(&[1_u8, 2][..]), bytes);
    assert_eq!(Value::from([1_u8, 2]), bytes);
    assert_eq!(Value::from(b"\x01\x02"), bytes);
    assert_eq!(Value::from(bytes::Bytes::from_static(b"\x01\x02")), bytes);
    assert_eq!(Value::from(Vec::<u8>::new()), Value::Bytes(vec![]));
}

#[test]
fn options_and_lists_become_none_and_lists_at_any_depth() {
    let list = |values: &[i64]| Value::List(values.iter().copied().map(Value::Int).collect());
    assert_eq!(Value::from(None::<i64>), Value::None);
    assert_eq!(Value::from(Some("a")), Value::Str("a".to_owned()));
    assert_eq!(Value::from(Some(Some(1_u8))), Value::Int(1));
    assert_eq!(Value::from(Some(None::<f64>)), Value::None);
    assert_eq!(Value::from(vec![1, 2]), list(&[1, 2]));
    assert_eq!(Value::from([1, 2]), list(&[1, 2]));
    assert_eq!(Value::from(&[1, 2][..]), list(&[1, 2]));
    assert_eq!(Value::from(vec![Value::None, 1.into()]), Value::List(vec![Value::None, 1.into()]));
    assert_eq!(Value::from(vec![vec![1], vec![]]), Value::List(vec![list(&[1]), list(&[])]));
    assert_eq!(
        Value::from([vec![1_u8], vec![]]),
        Value::List(vec![Value::Bytes(vec![1]), Value::Bytes(vec![])])
    );
    assert_eq!(
        Value::from(vec![Some("a"), None]),
        Value::List(vec![Value::from("a"), Value::None])
    );
    assert_eq!(Value::from(Some(vec![1.5])), Value::List(vec![Value::Float(1.5)]));
}

#[test]
fn iterators_are_collected_as_lists_and_dictionaries() {
    let list: Value = (1..=3).filter(|n| n % 2 == 1).collect();
    assert_eq!(list, Value::from([1, 3]));
    assert_eq!([1_u8, 2].into_iter().collect::<Value>(), Value::from([1, 2]));
    let dict: Value = BTreeMap::from([("a", 1), ("b", 2)]).into_iter().collect();
    assert_eq!(dict, Value::Dict(vec![("a".into(), 1.into()), ("b".into(), 2.into())]));
    let dict: Value = HashMap::from([(7, "seven")]).into_iter().collect();
    assert_eq!(dict, Value::Dict(vec![(7.into(), "seven".into())]));
    let nothing: Value = std::iter::empty::<(String, f64)>().collect();
    assert_eq!(nothing, Value::Dict(vec![]));
    let read: BTreeMap<String, i64> = deserialize_with::<Pickle<_>>(
        &serialize(&[("a", 1)].into_iter().collect::<Value>()).unwrap(),
    )
    .unwrap();
    assert_eq!(read, BTreeMap::from([("a".to_owned(), 1)]));
}

/// Values of every kind, each with the name of its kind.
fn one_of_each() -> Vec<(&'static str, Value)> {
    vec![
        ("none", Value::None),
        ("bool", true.into()),
        ("int", 7.into()),
        ("int", (-7).into()),
        ("int", u64::MAX.into()),
        ("float", 0.5.into()),
        ("complex", Value::Complex(1.0, 2.0)),
        ("str", "a".into()),
        ("bytes", b"a".into()),
        ("bytes", Value::ByteArray(vec![b'a'])),
        ("list", [1].into()),
        ("list", Value::Tuple(vec![1.into()])),
        ("set", Value::Set(vec![1.into()])),
        ("set", Value::FrozenSet(vec![1.into()])),
        ("dict", [("a", 1)].into_iter().collect()),
    ]
}

#[test]
fn each_method_takes_its_kind_and_no_other() {
    for (kind, value) in one_of_each() {
        assert_eq!(value.is_none(), kind == "none", "{value:?}");
        assert_eq!(value.as_bool(), (kind == "bool").then_some(true), "{value:?}");
        assert_eq!(value.as_f64().is_some(), ["int", "float"].contains(&kind), "{value:?}");
        assert!(
            kind == "int" || (value.as_i64().is_none() && value.as_u64().is_none()),
            "{value:?}"
        );
        assert_eq!(value.as_str(), (kind == "str").then_some("a"), "{value:?}");
        assert_eq!(value.as_bytes(), (kind == "bytes").then_some(&b"a"[..]), "{value:?}");
        assert_eq!(value.as_list(), (kind == "list").then_some(&[1.into()][..]), "{value:?}");
        assert_eq!(value.as_dict().is_some(), kind == "dict", "{value:?}");
        assert_eq!(value.get("a"), (kind == "dict").then_some(&1.into()), "{value:?}");
        assert_eq!(value.get(0), (kind == "list").then_some(&1.into()), "{value:?}");
    }
}

#[test]
fn numbers_are_those_that_fit() {
    let two_to = |power: u32| Value::from(BigInt::from(1) << power);
    assert_eq!((two_to(62).as_i64(), two_to(62).as_u64()), (Some(1 << 62), Some(1 << 62)));
    assert_eq!((two_to(63).as_i64(), two_to(63).as_u64()), (None, Some(1 << 63)));
    assert_eq!((two_to(64).as_i64(), two_to(64).as_u64()), (None, None));
    assert_eq!((Value::from(-1).as_i64(), Value::from(-1).as_u64()), (Some(-1), None));
    assert_eq!(Value::from(u64::MAX).as_u64(), Some(u64::MAX));
    // This also holds for an integer that is not in the form that its size has.
    let narrow = Value::BigInt(Box::new(BigInt::from(7)));
    assert_eq!((narrow.as_i64(), narrow.as_u64(), narrow.as_f64()), (Some(7), Some(7), Some(7.0)));

    assert_eq!(two_to(100).as_f64(), Some(2_f64.powi(100)));
    assert_eq!(Value::from((1_i64 << 53) + 1).as_f64(), Some(2_f64.powi(53)));
    let largest = BigInt::from((1_u64 << 53) - 1) << 971_u32;
    assert_eq!(Value::from(largest.clone()).as_f64(), Some(f64::MAX));
    assert_eq!(Value::from(-largest).as_f64(), Some(f64::MIN));
    assert_eq!(two_to(1023).as_f64(), Some(2_f64.powi(1023)));
    assert_eq!((two_to(1024).as_f64(), two_to(10_000_000).as_f64()), (None, None));
    // All bits set: the nearest `f64` would be 2^1024, which is none.
    assert_eq!(Value::from((BigInt::from(1) << 1024_u32) - 1).as_f64(), None);
    assert!(Value::from(f64::NAN).as_f64().unwrap().is_nan());
}

#[test]
fn entries_and_elements_are_found_by_key_and_place() {
    let value: Value = [
        ("name", Value::from("fit")),
        ("seeds", vec![7, 9].into()),
        ("pair", Value::Tuple(vec![1.into(), [("deep", true)].into_iter().collect()])),
        ("name", "plot".into()),
    ]
    .into_iter()
    .collect();
    // If two entries have one key, Python keeps the last.
    assert_eq!(value["name"].as_str(), Some("plot"));
    assert_eq!(value["seeds"][1].as_i64(), Some(9));
    assert_eq!(value["pair"][1]["deep"].as_bool(), Some(true));
    let key = String::from("seeds");
    assert_eq!(value.get(&key), Some(&value["seeds"]));
    assert_eq!(value.get(key.as_str()), value.get(key.clone()));
    assert_eq!(value[&key], value["seeds"]);

    assert_eq!((value.get("seed"), value.get(0), value["seeds"].get(2)), (None, None, None));
    assert_eq!(value["seeds"].get(usize::MAX), None);
    for missing in
        [&value["x"], &value[0], &value["seeds"][2], &value["x"][1]["y"], &value["name"]["z"]]
    {
        assert_eq!(*missing, Value::None);
    }
    // An entry whose value is `None` is found.
    let none: Value = [("a", Value::None)].into_iter().collect();
    assert_eq!((none.get("a"), none.get("b")), (Some(&Value::None), None));
    // Keys that are not text are never found.
    let numbered: Value = [(0, "zero")].into_iter().collect();
    assert_eq!((numbered.get("0"), numbered.get(0)), (None, None));
}

#[cfg(feature = "ndarray")]
#[test]
fn numpy_scalars_are_the_numbers_and_bytes_that_they_are() {
    use ps_serialize::array::DynArray;
    use ps_serialize::pickle::Scalar;

    let scalar = |descr: &str, data: &[u8]| {
        Value::from(Scalar::new(DynArray::new(descr.to_owned(), [], data).unwrap()).unwrap())
    };
    let value = scalar(">i2", &(-7_i16).to_be_bytes());
    assert_eq!((value.as_i64(), value.as_u64(), value.as_f64()), (Some(-7), None, Some(-7.0)));
    let value = scalar("<u8", &u64::MAX.to_le_bytes());
    assert_eq!((value.as_i64(), value.as_u64()), (None, Some(u64::MAX)));
    assert_eq!(value.as_f64(), Some(2_f64.powi(64)));
    let value = scalar("<f4", &0.5_f32.to_le_bytes());
    assert_eq!((value.as_i64(), value.as_f64(), value.as_bool()), (None, Some(0.5), None));
    assert_eq!(scalar(">f8", &1.25_f64.to_be_bytes()).as_f64(), Some(1.25));
    let value = scalar("|b1", &[2]);
    assert_eq!((value.as_bool(), value.as_i64(), value.as_f64()), (Some(true), None, None));
    let value = scalar("|S4", b"ab\0\0");
    assert_eq!((value.as_bytes(), value.as_str()), (Some(&b"ab"[..]), None));
    for (descr, data) in [("<M8[s]", &[7; 8][..]), ("<c8", &[0; 8]), ("<U1", b"a\0\0\0")] {
        let value = scalar(descr, data);
        assert_eq!((value.as_i64(), value.as_u64(), value.as_f64()), (None, None, None), "{descr}");
        assert_eq!(
            (value.as_bool(), value.as_str(), value.as_bytes()),
            (None, None, None),
            "{descr}"
        );
    }

    let key = scalar("<U2", b"a\0\0\0b\0\0\0");
    let dict: Value = [(key, 7)].into_iter().collect();
    assert_eq!(dict["ab"].as_i64(), Some(7));

    let array = DynArray::new("<i4", [2], [1, 2].map(i32::to_le_bytes).concat()).unwrap();
    let value = Value::from(array.clone());
    assert_eq!(value.as_array(), Some(&array));
    assert_eq!((value.as_list(), value.get(0), value.as_bytes()), (None, None, None));
    let arrays = Value::from(vec![array.clone(), array.clone()]);
    assert_eq!(arrays[1].as_array(), Some(&array));
    let borrowed: DynArray<'_> = DynArray::new("|u1", [3], &[1, 2, 3][..]).unwrap();
    assert_eq!(Value::from(borrowed).as_array().unwrap().data(), [1, 2, 3]);
}

proptest! {
    #[test]
    fn what_is_put_in_is_taken_out(
        integer: i64, natural: u64, wide: i128, float: f64, text: String, bytes: Vec<u8>,
        list: Vec<Option<i32>>, map: BTreeMap<String, u32>,
    ) {
        prop_assert_eq!(Value::from(integer).as_i64(), Some(integer));
        prop_assert_eq!(Value::from(natural).as_u64(), Some(natural));
        prop_assert_eq!(Value::from(natural).as_i64(), i64::try_from(natural).ok());
        prop_assert_eq!(Value::from(wide).as_i64(), i64::try_from(wide).ok());
        #[allow(clippy::cast_precision_loss)]
        let rounded = wide as f64;
        prop_assert_eq!(Value::from(wide).as_f64(), Some(rounded));
        prop_assert_eq!(Value::from(float).as_f64().map(f64::to_bits), Some(float.to_bits()));
        let value = Value::from(&text[..]);
        prop_assert_eq!(value.as_str(), Some(&text[..]));
        let value = Value::from(&bytes[..]);
        prop_assert_eq!(value.as_bytes(), Some(&bytes[..]));
        let value = Value::from(list.clone());
        for (at, element) in list.iter().enumerate() {
            prop_assert_eq!(value[at].as_i64(), element.map(i64::from));
            prop_assert_eq!(value[at].is_none(), element.is_none());
        }
        prop_assert_eq!(value.get(list.len()), None);
        let value: Value = map.clone().into_iter().collect();
        for (key, number) in &map {
            prop_assert_eq!(value[key].as_u64(), Some(u64::from(*number)));
        }
        prop_assert_eq!(deserialize::<Value>(&serialize(&value)?)?, value);
    }
}

#[test]
fn a_long_list_of_numbers_is_a_list_like_any_other() {
    use ps_serialize::pickle::Numbers;

    let floats: Vec<f64> = (0..100).map(|i| f64::from(i) / 4.0).collect();
    let list = Value::from(floats.clone());
    assert!(matches!(&list, Value::List(_)));
    let read: Value = deserialize(&serialize(&list).unwrap()).unwrap();
    assert!(matches!(&read, Value::Numbers(_)));
    assert_eq!(read, list);
    assert_eq!(list, read);
    assert_eq!(read, Value::from(Numbers::from(floats.clone())));
    assert_eq!(serialize(&read).unwrap(), serialize(&list).unwrap());
    assert_eq!((read[3].as_f64(), read.get(100)), (Some(0.75), None));
    assert_eq!(read.as_list().unwrap(), list.as_list().unwrap());
    assert_eq!(format!("{read:?}"), format!("{list:?}"));
    let mut other = floats;
    other[99] = -1.0;
    assert_ne!(read, Value::from(other.clone()));
    other.pop();
    assert_ne!(read, Value::from(other));

    // Other values among the numbers, wherever they are, and numbers of two kinds.
    for place in [0, 1, 63, 64, 999, 1000, 1999] {
        for other in [Value::None, Value::from("text"), Value::from(0.5), Value::from(u64::MAX)] {
            let mut values: Vec<Value> = (0..2000).map(Value::Int).collect();
            values[place] = other;
            let list = Value::List(values);
            let read: Value = deserialize(&serialize(&list).unwrap()).unwrap();
            assert_eq!(read, list, "{place}");
            assert!(matches!(read, Value::List(_)));
        }
    }
    // A number of the list that the memo or another list has too, and a list that the memo has.
    for (payload, expected) in [
        (&b"](G?\xe0\0\0\0\0\0\0\x94h\0e."[..], Value::from([0.5, 0.5])),
        (b"](K\x07\x94K\x08eh\0\x86.", Value::Tuple(vec![[7, 8].into(), 7.into()])),
        (b"](K\x072K\x08e.", Value::from([7, 7, 8])),
        (b"]\x94(K\x07K\x08e(K\x09h\0e.", Value::None),
        (b"]\x94K\x07aK\x08aNa.", Value::from([Some(7), Some(8), None])),
        (b"]\x94K\x07a0]h\0ah\0a.", Value::from([[7], [7]])),
        (b"cbuiltins\nset\n](K\x07K\x08e\x85R.", Value::Set(vec![7.into(), 8.into()])),
    ] {
        let frame = [b"PK\n", payload].concat();
        match deserialize::<Value>(&frame) {
            Ok(value) => assert_eq!(value, expected, "{payload:?}"),
            Err(error) => {
                assert!(expected.is_none() && format!("{error:?}").contains("contains itself"));
            }
        }
    }
}

#[test]
#[allow(clippy::float_cmp)] // each is exact
fn serde_types_read_lists_of_numbers() {
    use ps_serialize::deserialize_with;
    use ps_serialize::pickle::Pickle;

    #[derive(serde::Serialize, serde::Deserialize, Debug, PartialEq)]
    struct Meters(Option<f64>);

    let floats = serialize(&Value::from(vec![0.5, 2.0, -1.0])).unwrap();
    assert_eq!(deserialize_with::<Pickle<Vec<f64>>>(&floats).unwrap(), [0.5, 2.0, -1.0]);
    assert_eq!(deserialize_with::<Pickle<[f32; 3]>>(&floats).unwrap(), [0.5, 2.0, -1.0]);
    let meters = [0.5, 2.0, -1.0].map(|meters| Meters(Some(meters)));
    assert_eq!(deserialize_with::<Pickle<Vec<Meters>>>(&floats).unwrap(), meters);
    assert!(deserialize_with::<Pickle<Vec<i64>>>(&floats).is_err());
    assert!(deserialize_with::<Pickle<(f64, f64)>>(&floats).is_err());
    let integers = serialize(&Value::from(vec![1, 255, 0])).unwrap();
    assert_eq!(deserialize_with::<Pickle<Vec<u8>>>(&integers).unwrap(), [1, 255, 0]);
    assert_eq!(deserialize_with::<Pickle<(i8, u128, f64)>>(&integers).unwrap(), (1, 255, 0.0));
    let negative = serialize(&Value::from(vec![-1, i64::MIN, i64::MAX])).unwrap();
    assert_eq!(deserialize_with::<Pickle<Vec<i64>>>(&negative).unwrap(), [-1, i64::MIN, i64::MAX]);
    assert!(deserialize_with::<Pickle<Vec<u64>>>(&negative).is_err());
}

#[test]
fn values_of_pandas_are_moments_or_none() {
    use ps_serialize::pickle::Object;

    let timestamp = |arguments: &str| {
        format!("PK\ncpandas._libs.tslibs.timestamps\n_unpickle_timestamp\n({arguments}tR.")
            .into_bytes()
    };
    let utc = "cdatetime\ntimezone\n(cdatetime\ntimedelta\n(I0\nI0\nI0\ntRtR";
    let berlin = "cbuiltins\ngetattr\n(czoneinfo\nZoneInfo\nV_unpickle\ntR(VEurope/Berlin\nI1\ntR";
    for (frame, text) in [
        (timestamp("L1767225600000000L\nNNI9\n"), "2026-01-01T00:00:00"),
        (timestamp("L1767225600000000001L\nNNI10\n"), "2026-01-01T00:00:00.000000001"),
        (timestamp("I-1\nNNI7\n"), "1969-12-31T23:59:59"),
        (timestamp("I-1\nNNI8\n"), "1969-12-31T23:59:59.999000"),
        (timestamp("L1767225600000000000L\nNN"), "2026-01-01T00:00:00"),
        (timestamp(&format!("I0\nN{utc}I9\n")), "1970-01-01T00:00:00+00:00"),
        (timestamp(&format!("L1709164800L\nN{berlin}I7\n")), "2024-02-29T00:00:00+00:00"),
    ] {
        let value: Value = deserialize(&frame).unwrap();
        assert_eq!(value.as_object().and_then(Object::text).as_deref(), Some(text));
        assert_eq!(deserialize_with::<Pickle<String>>(&frame).unwrap(), text);
        let written = serialize(&value).unwrap();
        assert_eq!(deserialize::<Value>(&written).unwrap(), value);
    }
    let delta = b"PK\ncpandas._libs.tslibs.timedeltas\n_timedelta_unpickle\n(L-1500L\nI8\ntR.";
    assert_eq!(deserialize_with::<Pickle<(i64, u32)>>(delta).unwrap(), (-2, 500_000_000));
    for missing in [
        &b"PK\ncpandas._libs.tslibs.nattype\n_nat_unpickle\n(NtR."[..],
        b"PK\ncpandas\nNA\n.",
        b"PK\ncpandas._libs.missing\nNA\n.",
    ] {
        assert_eq!(deserialize_with::<Pickle<Option<String>>>(missing).unwrap(), None);
        let value: Value = deserialize(missing).unwrap();
        assert_eq!(deserialize::<Value>(&serialize(&value).unwrap()).unwrap(), value);
    }
}

#[test]
fn instances_are_looked_into_by_names_and_places() {
    let read = |payload: &[u8]| deserialize::<Value>(&[b"PK\n", payload].concat()).unwrap();
    // An attribute, one of pydantic and one of `__slots__`.
    for payload in [
        &b"cm\nC\n)\x81}\x8c\x01xK\x07sb."[..],
        b"cm\nC\n)\x81}(\x8c\x08__dict__}\x8c\x01xK\x07s\x8c\x12__pydantic_extra__Nub.",
        b"cm\nC\n)\x81}(\x8c\x08__dict__}\x8c\x12__pydantic_extra__}\x8c\x01xK\x07sub.",
        b"cm\nC\n)\x81N}\x8c\x01xK\x07s\x86b.",
        b"cm\nC\n)\x81}\x8c\x01xK\x07s}\x86b.",
        b"cm\nC\n)}\x8c\x01xK\x07s\x92.",
        b"cmsgspec._utils\nrebuild\ncm\nC\n}\x8c\x01xK\x07s\x86R.",
    ] {
        let value = read(payload);
        assert_eq!((value["x"].as_i64(), value.get("y")), (Some(7), None), "{value:?}");
        assert_eq!(value.as_object().unwrap().class(), ("m", "C"));
        assert_eq!((value.as_list(), value.as_dict(), value.as_i64()), (None, None, None));
        let frame = [b"PK\n", payload].concat();
        let map: BTreeMap<String, i64> = deserialize_with::<Pickle<_>>(&frame).unwrap();
        assert_eq!(map, [("x".to_owned(), 7)].into());
    }
    // A `NamedTuple`, a dataclass with slots, a class derived from `list`, a `deque`.
    for payload in [
        &b"cm\nC\nK\x07K\x08\x86\x81."[..],
        b"cm\nC\n)\x81](K\x07K\x08eb.",
        b"cm\nC\n)\x81(K\x07K\x08e.",
        b"ccopyreg\n_reconstructor\n(cm\nC\ncbuiltins\ntuple\n(K\x07K\x08ttR.",
        b"ccopyreg\n_reconstructor\n(cm\nC\ncbuiltins\nlist\n](K\x07K\x08etR.",
        b"ccollections\ndeque\n)R(K\x07K\x08e.",
    ] {
        let value = read(payload);
        assert_eq!((value[0].as_i64(), value[1].as_i64()), (Some(7), Some(8)), "{value:?}");
        assert_eq!(value.as_list().map(<[Value]>::len), Some(2));
        let frame = [b"PK\n", payload].concat();
        assert_eq!(deserialize_with::<Pickle<Vec<i64>>>(&frame).unwrap(), [7, 8]);
    }
    // A class derived from `dict`, and those of the standard library.
    for payload in [
        &b"cm\nC\n)\x81\x8c\x01xK\x07s."[..],
        b"ccollections\nOrderedDict\n)R\x8c\x01xK\x07s.",
        b"ccollections\nOrderedDict\n(](](Vx\nI7\neetR.",
        b"ccollections\ndefaultdict\n(cbuiltins\nint\ntR\x8c\x01xK\x07s.",
        b"ccollections\nCounter\n(}\x8c\x01xK\x07stR.",
    ] {
        let value = read(payload);
        assert_eq!(value["x"].as_i64(), Some(7), "{value:?}");
        assert_eq!(value.as_dict(), Some(&[("x".into(), 7.into())][..]));
        let frame = [b"PK\n", payload].concat();
        let map: BTreeMap<String, i64> = deserialize_with::<Pickle<_>>(&frame).unwrap();
        assert_eq!(map, [("x".to_owned(), 7)].into());
    }
}

#[test]
fn instances_that_are_equal_in_python_are_not_lost_in_sets() {
    use ps_serialize::pickle::Object;

    let day = |text: &str| Value::from(Object::from_text("datetime.date", text).unwrap());
    let red = |value: i64| Value::from(Object::member("paint", "Color", value).unwrap());
    for (values, is_written) in [
        (vec![day("2026-01-01"), day("2026-01-02")], true),
        (vec![day("2026-01-01"), day("2026-01-01")], false),
        (vec![red(1), red(2)], true),
        (vec![red(1), red(1)], false),
        (vec![red(1), Value::List(vec![])], false),
    ] {
        let set = Value::Set(values);
        assert_eq!(serialize(&set).is_ok(), is_written, "{set:?}");
    }
    let deque: Value = deserialize(b"PK\nccollections\ndeque\n)R.").unwrap();
    let error = serialize(&Value::Dict(vec![(deque, Value::None)])).unwrap_err();
    assert!(format!("{error:?}").contains("has no hash in Python"), "{error:?}");
}
