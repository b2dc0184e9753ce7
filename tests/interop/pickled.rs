//! `PK`: plain data, in every protocol of Python's pickle.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use ps_serialize::array::DynArray;
use ps_serialize::pickle::{Pickle, Value};
use ps_serialize::{
    Compression, deserialize, deserialize_any, deserialize_with, serialize, serialize_any,
    serialize_with,
};
use serde::{Deserialize, Serialize};

use crate::python::Python;

fn text(text: &str) -> Value {
    Value::Str(text.to_owned())
}

fn ints(values: impl IntoIterator<Item = i64>) -> Vec<Value> {
    values.into_iter().map(Value::Int).collect()
}

/// Values in both languages.
fn values() -> Vec<(String, Value)> {
    let big = |digits: &str| Value::from(digits.parse::<BigInt>().unwrap());
    let deep = (0..100).fold(Value::Int(0), |inner, _| Value::List(vec![inner]));
    let mut values: Vec<(String, Value)> = vec![
        ("None".into(), Value::None),
        ("True".into(), Value::Bool(true)),
        ("False".into(), Value::Bool(false)),
        ("2.5".into(), Value::Float(2.5)),
        ("-0.0".into(), Value::Float(-0.0)),
        ("float('-inf')".into(), Value::Float(f64::NEG_INFINITY)),
        ("1e-320".into(), Value::Float(1e-320)),
        ("1-2j".into(), Value::Complex(1.0, -2.0)),
        ("''".into(), text("")),
        ("'héllo\\n\\\\u00e9 世界 🌍\\0'".into(), text("héllo\n\\u00e9 世界 🌍\0")),
        ("'x' * 300".into(), Value::Str("x".repeat(300))),
        ("b''".into(), Value::Bytes(vec![])),
        ("bytes(range(256))".into(), Value::Bytes((0..=255).collect())),
        ("b'y' * 70000".into(), Value::Bytes(vec![b'y'; 70_000])),
        ("bytearray()".into(), Value::ByteArray(vec![])),
        ("bytearray(b'a\\xff')".into(), Value::ByteArray(vec![b'a', 255])),
        ("bytearray(b'z' * 70000)".into(), Value::ByteArray(vec![b'z'; 70_000])),
        ("[]".into(), Value::List(vec![])),
        ("()".into(), Value::Tuple(vec![])),
        ("(1,)".into(), Value::Tuple(ints(1..2))),
        ("(1, 2)".into(), Value::Tuple(ints(1..3))),
        ("(1, 2, 3)".into(), Value::Tuple(ints(1..4))),
        ("(1, 2, 3, 4)".into(), Value::Tuple(ints(1..5))),
        ("list(range(2500))".into(), Value::List(ints(0..2500))),
        ("{}".into(), Value::Dict(vec![])),
        (
            "{'b': 1, 'a': (2, None), 3: [b'']}".into(),
            Value::Dict(vec![
                (text("b"), Value::Int(1)),
                (text("a"), Value::Tuple(vec![Value::Int(2), Value::None])),
                (Value::Int(3), Value::List(vec![Value::Bytes(vec![])])),
            ]),
        ),
        ("set()".into(), Value::Set(vec![])),
        ("{7}".into(), Value::Set(ints(7..8))),
        ("frozenset()".into(), Value::FrozenSet(vec![])),
        ("frozenset([(1, 2)])".into(), Value::FrozenSet(vec![Value::Tuple(ints(1..3))])),
        (format!("{}0{}", "[".repeat(100), "]".repeat(100)), deep),
        ("(lambda x: [x, x, (x,)])([1])".into(), {
            let shared = Value::List(ints(1..2));
            Value::List(vec![shared.clone(), shared.clone(), Value::Tuple(vec![shared])])
        }),
    ];
    for bits in [7, 8, 15, 16, 31, 32, 63] {
        for difference in [-1, 0, 1] {
            for sign in [1, -1] {
                let wide = sign * ((1_i128 << bits) + difference);
                let value = Value::from(wide);
                values.push((wide.to_string(), value));
            }
        }
    }
    for digits in ["18446744073709551616", "-170141183460469231731687303715884105729"] {
        values.push((digits.to_owned(), big(digits)));
    }
    let huge = BigInt::from(7).pow(3000);
    values.push(("7 ** 3000".into(), Value::from(huge.clone())));
    values.push(("-7 ** 3000".into(), Value::from(-huge)));
    values
}

#[test]
fn every_protocol_is_read_and_what_is_written_is_the_same_in_python() {
    let mut python = Python::start();
    for (expression, value) in values() {
        for protocol in 0..=5 {
            let frame = python
                .evaluate_frame(&format!("b'PK\\n' + pickle.dumps({expression}, {protocol})"));
            let read: Value = deserialize(&frame)
                .unwrap_or_else(|error| panic!("{expression} in protocol {protocol}: {error:?}"));
            assert_eq!(read, value, "{expression} in protocol {protocol}");
        }
        let frame = serialize(&value).unwrap();
        python.assert_reads(&frame, &expression);
        assert_eq!(serialize_any(&value).unwrap(), frame);
        assert_eq!(*deserialize_any(&frame).unwrap().downcast::<Value>().unwrap(), value);
    }
    let frame = python.evaluate_frame("serialize({'as': 'ProxyStore writes it'})");
    assert_eq!(
        deserialize::<Value>(&frame).unwrap().get("as"),
        Some(&text("ProxyStore writes it"))
    );
    let value = Value::List(vec![text("again"); 1000]);
    python.assert_reads(&Compression::Zstd(3).serialize(&value).unwrap(), "['again'] * 1000");
}

#[test]
fn ordered_dicts_keep_their_order_and_python_2_is_read() {
    let mut python = Python::start();
    for protocol in 0..=5 {
        let frame = python.evaluate_frame(&format!(
            "b'PK\\n' + pickle.dumps(collections.OrderedDict([('z', 1), ('a', 2)]), {protocol})"
        ));
        let expected = [(text("z"), Value::Int(1)), (text("a"), Value::Int(2))];
        assert_eq!(deserialize::<Value>(&frame).unwrap().as_dict(), Some(&expected[..]));
    }
    // What Python 2 writes: `pickle.dumps(['a\n', '\xff', u'\xff', 1L], protocol)`.
    for payload in [
        &b"(lp0\nS'a\\n'\np1\naS'\\xff'\np2\naV\xff\np3\naL1L\na."[..],
        b"\x80\x02]q\x00(U\x02a\nq\x01U\x01\xffq\x02X\x02\x00\x00\x00\xc3\xbfq\x03\x8a\x01\x01e.",
        b"]q\x00(T\x02\x00\x00\x00a\nq\x01U\x01\xffX\x02\x00\x00\x00\xc3\xbfL1L\ne.",
    ] {
        let expected = vec![text("a\n"), Value::Bytes(vec![255]), text("ÿ"), Value::Int(1)];
        let read: Value = deserialize(&[b"PK\n", payload].concat()).unwrap();
        assert_eq!(read, Value::List(expected));
    }
}

#[test]
fn byte_arrays_of_python_2_are_read() {
    // Python 2's `pickle.dumps(bytearray(b'\x00\xff'), protocol)`, and the same of `cPickle`.
    let bytes = Value::ByteArray(vec![0, 255]);
    for payload in [
        &b"c__builtin__\nbytearray\np0\n(V\x00\xff\np1\nS'latin-1'\np2\ntp3\nRp4\n."[..],
        b"c__builtin__\nbytearray\np1\n(V\\u0000\xff\nS'latin-1'\ntRp2\n.",
        b"c__builtin__\nbytearray\nq\x00(X\x03\0\0\0\0\xc3\xbfq\x01U\x07latin-1q\x02tq\x03Rq\x04.",
        b"\x80\x02c__builtin__\nbytearray\nq\x00X\x03\0\0\0\0\xc3\xbfq\x01U\x07latin-1q\x02\x86q\x03Rq\x04.",
        b"\x80\x02c__builtin__\nbytearray\nX\x03\0\0\0\0\xc3\xbfT\x07\0\0\0latin-1\x86R.",
    ] {
        let frame = [b"PK\n", payload].concat();
        assert_eq!(deserialize::<Value>(&frame).unwrap(), bytes);
        assert_eq!(deserialize_with::<Pickle<Vec<u8>>>(&frame).unwrap(), [0, 255]);
    }
    // Two of them share the name of the encoding; one is empty.
    let two = b"PK\n\x80\x02]q\x00(c__builtin__\nbytearray\nq\x01X\0\0\0\0U\x07latin-1q\x02\x86Rh\x01X\x01\0\0\0ah\x02\x86Re.";
    let expected = vec![Value::ByteArray(vec![]), Value::ByteArray(vec![b'a'])];
    assert_eq!(deserialize::<Value>(two).unwrap(), Value::List(expected));
    let utf16 = b"PK\n\x80\x02c__builtin__\nbytearray\nX\x01\0\0\0aU\x06utf-16\x86R.";
    let message = format!("{:?}", deserialize::<Value>(utf16).unwrap_err());
    assert!(message.contains("an encoding other than latin1"), "{message}");
}

#[derive(Serialize, Deserialize, Debug, PartialEq)]
struct Everything {
    unit: (),
    flag: bool,
    small: i8,
    large: u64,
    larger: u128,
    least: i128,
    real: f32,
    letter: char,
    text: String,
    none: Option<u8>,
    some: Option<Vec<u16>>,
    tuple: (u8, String, i64, f64),
    map: BTreeMap<i32, String>,
    newtype: Meters,
    variants: Vec<Variant>,
}

#[derive(Serialize, Deserialize, Debug, PartialEq)]
struct Meters(f64);

#[derive(Serialize, Deserialize, Debug, PartialEq)]
enum Variant {
    Unit,
    Newtype(u8),
    Tuple(u8, u8),
    Struct { x: Option<Box<Variant>> },
}

#[test]
fn serde_types_are_plain_data_in_python() {
    let mut python = Python::start();
    let everything = Everything {
        unit: (),
        flag: true,
        small: -5,
        large: u64::MAX,
        larger: u128::MAX,
        least: i128::MIN,
        real: 0.5,
        letter: 'é',
        text: "text".into(),
        none: None,
        some: Some(vec![1, 65_535]),
        tuple: (1, "two".into(), -3_000_000_000, 4.0),
        map: [(-1, "a".to_owned()), (70_000, String::new())].into(),
        newtype: Meters(2.0),
        variants: vec![
            Variant::Unit,
            Variant::Newtype(1),
            Variant::Tuple(1, 2),
            Variant::Struct { x: Some(Box::new(Variant::Unit)) },
        ],
    };
    let expression = "{'unit': None, 'flag': True, 'small': -5, 'large': 2**64 - 1, 'larger': 2**128 - 1, \
        'least': -2**127, 'real': 0.5, 'letter': 'é', 'text': 'text', 'none': None, 'some': [1, 65535], \
        'tuple': (1, 'two', -3000000000, 4.0), 'map': {-1: 'a', 70000: ''}, 'newtype': 2.0, \
        'variants': ['Unit', {'Newtype': 1}, {'Tuple': (1, 2)}, {'Struct': {'x': 'Unit'}}]}";
    let frame = serialize_with::<Pickle<Everything>>(&everything).unwrap();
    python.assert_reads(&frame, expression);
    assert_eq!(deserialize_with::<Pickle<Everything>>(&frame).unwrap(), everything);
    for protocol in 0..=5 {
        let frame =
            python.evaluate_frame(&format!("b'PK\\n' + pickle.dumps({expression}, {protocol})"));
        assert_eq!(deserialize_with::<Pickle<Everything>>(&frame).unwrap(), everything);
    }
    // Self-describing: any other serde type takes it too.
    let json = deserialize_with::<Pickle<serde_json::Value>>(
        &python.evaluate_frame("serialize({'a': [1, -2, 2.5, None, True, (3, 4)]})"),
    );
    assert_eq!(json.unwrap(), serde_json::json!({ "a": [1, -2, 2.5, null, true, [3, 4]] }));
    let bytes = python.evaluate_frame("serialize((b'\\x00\\xff', bytearray(b'b')))");
    let read: (Vec<u8>, Vec<u8>) = deserialize_with::<Pickle<_>>(&bytes).unwrap();
    assert_eq!(read, (vec![0, 255], vec![b'b']));
}

#[test]
fn numpy_arrays_inside_are_arrays() {
    let mut python = Python::start();
    let arrays = [
        "np.arange(6, dtype='<f8').reshape(2, 3)",
        "np.asfortranarray(np.arange(6, dtype='>i4').reshape(2, 3))",
        "np.array([True, False])",
        "np.zeros((2, 0), 'f2')",
        "np.array(7, 'u8')",
        "np.array(['a', 'longer'])",
        "np.array([b'a', b'longer'])",
        "np.array(['2026-11-23', 'NaT'], 'M8[D]')",
        "np.array([1, 2], 'm8[25s]')",
        "np.array([1 + 2j], 'c8')",
        "np.arange(20000.0)",
        "np.array([(1, 0.5), (2, -0.5)], [('a', '>i4'), ('b', '<f8')])",
        "np.ones((2, 3), [('a', 'i1'), ('b', 'f4', (2, 3)), ('ñ', 'U2')])",
        "np.zeros(2, np.dtype([('a', 'i1'), ('b', 'f8')], align=True))",
        "np.ones(3, [('x', [('y', 'i2'), ('z', [('w', 'M8[ns]')], 2)])])",
        "np.ones(1, [(('title', 'name'), 'u2'), ('b', '?')])",
        "np.ones(1, [('it\\'s', 'u1'), ('\"q\"', 'u1'), ('b\\\\s\\x01\\t', 'u1')])",
        "np.ones(1, [('it\\'s \\\\ \"q\"\\n', 'u2')])",
        "np.zeros(1, {'names': ['b'], 'formats': ['i2'], 'offsets': [3], 'itemsize': 9})",
        "np.zeros(0, [('a', 'S5')])",
    ];
    for expression in arrays {
        let npy = python.evaluate(expression);
        let expected = deserialize_with::<DynArray>(&npy).unwrap();
        for protocol in 0..=5 {
            let frame = python.evaluate_frame(&format!(
                "b'PK\\n' + pickle.dumps({{'x': {expression}}}, {protocol})"
            ));
            let read: Value = deserialize(&frame)
                .unwrap_or_else(|error| panic!("{expression} in protocol {protocol}: {error:?}"));
            let Some(Value::Array(array)) = read.get("x") else { panic!("{read:?}") };
            assert_eq!(**array, expected, "{expression} in protocol {protocol}");
        }
        let array = Value::Dict(vec![(text("x"), Value::from(expected))]);
        python.assert_reads(&serialize(&array).unwrap(), &format!("{{'x': {expression}}}"));
    }
    for (expression, part) in [
        ("np.ma.masked_array([1])", "numpy.ma"),
        ("np.zeros(1, [('a', object)])", "Python objects"),
        ("np.zeros(1, {'names': 'ab', 'formats': 'bb', 'offsets': [1, 0]})", "overlap"),
    ] {
        let frame = python.evaluate_frame(&format!("b'PK\\n' + pickle.dumps({expression})"));
        let message = format!("{:?}", deserialize::<Value>(&frame).unwrap_err());
        assert!(message.contains(part), "{expression}: {message}");
    }
}

#[test]
fn what_is_not_plain_data_is_refused_by_name_with_what_to_send() {
    let mut python = Python::start();
    for (expression, name, advice) in [
        ("os.system", "system`", "no code is run"),
        ("eval", "eval`", "no code is run"),
        ("classes.Ordinary", "`classes.Ordinary`", "where a value should be"),
        ("__import__('re').compile('a')", "`re._compile`", "`.pattern`"),
        ("__import__('functools').partial(print)", "print`", "no code is run"),
        ("pl.LazyFrame({'a': [1]})", "`polars.lazyframe.frame.LazyFrame`", "`.collect()`"),
        ("pl.Int64()", "polars.datatypes", "of polars, only a `DataFrame` and a `Series`"),
        ("pl.col('a')", "`polars.expr.expr.Expr`", "of polars, only a `DataFrame` and a `Series`"),
        ("np.ma.masked_array([1])", "`numpy.ma.core._mareconstruct`", "`.filled()`"),
        ("np.matrix([1])", "`numpy.matrix`", "`numpy.array(…)`"),
        ("np.rec.array([(1,)])", "`numpy.rec.recarray`", "`numpy.array(…)`"),
        ("np.char.array(['a'])", "`numpy.char.chararray`", "`numpy.array(…)`"),
        ("np.rec.array([(1,)])[0]", "`numpy.record`", "send the array that it is a row of"),
        ("np.float64", "`numpy.float64`", "only arrays and scalars"),
        ("__import__('ml_dtypes').bfloat16(1)", "`ml_dtypes.bfloat16`", "which is `ST`"),
    ] {
        for value in [expression.to_owned(), format!("{{'k': [{expression}]}}")] {
            for protocol in 0..=5 {
                let frame =
                    python.evaluate_frame(&format!("b'PK\\n' + pickle.dumps({value}, {protocol})"));
                let message = format!("{:?}", deserialize::<Value>(&frame).unwrap_err());
                assert!(message.contains(name) && message.contains(advice), "{value}: {message}");
                assert!(deserialize_with::<Pickle<String>>(&frame).is_err());
            }
        }
    }
    // The names that pandas gives in a pickle of each.
    for (path, advice) in [
        ("pandas._libs.tslibs.timestamps\nTimestamp", "`timestamp.isoformat()`"),
        ("pandas._libs.tslibs.timedeltas\nTimedelta", "`timedelta.to_timedelta64()`"),
        ("pandas\nPeriod", "`str(…)`"),
        ("pandas\nDataFrame", "or as a Polars table"),
        ("pandas.core.series\nSeries", "`.to_numpy()`"),
    ] {
        let frame = format!("PK\nc{path}\n.").into_bytes();
        let message = format!("{:?}", deserialize::<Value>(&frame).unwrap_err());
        assert!(
            message.contains(&path.replace('\n', ".")) && message.contains(advice),
            "{message}"
        );
    }
}
