//! `PK`: which values can be keys or in a set in Python, and which are refused.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ps_serialize::array::DynArray;
use ps_serialize::pickle::{Pickle, Scalar, Value};
use ps_serialize::{Result, deserialize, deserialize_with, serialize, serialize_with};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::python::Python;

#[derive(Serialize, Deserialize, Debug, PartialEq, Eq, PartialOrd, Ord, Clone)]
struct Point {
    x: u8,
}

#[derive(Serialize, Deserialize, Debug, PartialEq, Eq, PartialOrd, Ord, Clone)]
struct Meters(u32);

#[derive(Serialize, Deserialize, Debug, PartialEq, Eq, PartialOrd, Ord, Clone)]
struct Pair(u8, Vec<char>);

#[derive(Serialize, Deserialize, Debug, PartialEq, Eq, PartialOrd, Ord, Clone)]
struct Unit;

#[derive(Serialize, Deserialize, Debug, PartialEq, Eq, PartialOrd, Ord, Clone)]
enum Shape {
    None,
    Newtype(u8),
    Tuple(u8, u8),
    Struct { x: u8 },
}

/// Asserts that Python finds these keys, and that Rust reads them back.
fn assert_keys<K>(python: &mut Python, keys: impl IntoIterator<Item = K>, expression: &str)
where
    K: Serialize + DeserializeOwned + Ord + Clone + std::fmt::Debug,
{
    let map: BTreeMap<K, u8> = keys.into_iter().zip(1..).collect();
    let frame = serialize_with::<Pickle<_>>(&map).unwrap_or_else(|e| panic!("{map:?}: {e:?}"));
    python.assert_reads(&frame, expression);
    let back: BTreeMap<K, u8> = deserialize_with::<Pickle<_>>(&frame).unwrap();
    assert!(back == map, "{back:?} instead of {map:?}");
}

#[test]
fn keys_of_serde_types_are_what_python_would_use() {
    let python = &mut Python::start();
    assert_keys(python, [vec![1_u8], vec![], vec![1, 2]], "{(): 2, (1,): 1, (1, 2): 3}");
    assert_keys(python, [vec![vec![1], vec![]]], "{((1,), ()): 1}");
    assert_keys(python, [vec![(1, vec!["a".to_owned()])]], "{((1, ('a',)),): 1}");
    assert_keys(python, [BTreeSet::from([1, 2])], "{(1, 2): 1}");
    assert_keys(python, [[1; 4]], "{(1, 1, 1, 1): 1}");
    assert_keys(python, [Pair(1, vec!['é'])], "{(1, ('é',)): 1}");
    assert_keys(python, [Meters(5), Meters(70_000)], "{5: 1, 70000: 2}");
    assert_keys(python, [None, Some(Meters(0))], "{None: 1, 0: 2}");
    assert_keys(python, [Some(vec![Some(false)]), Some(vec![None])], "{(None,): 2, (False,): 1}");
    assert_keys(python, [()], "{None: 1}");
    assert_keys(python, [Unit], "{None: 1}");
    assert_keys(python, ['a', 'é'], "{'a': 1, 'é': 2}");
    assert_keys(python, [false, true], "{False: 1, True: 2}");
    assert_keys(python, [i128::MIN, -1, i128::MAX], "{-2**127: 1, -1: 2, 2**127 - 1: 3}");
    assert_keys(python, [u128::MAX], "{2**128 - 1: 1}");
    assert_keys(python, [Shape::None], "{'None': 1}");
    assert_keys(python, [vec![Shape::None]], "{('None',): 1}");
    assert_keys(python, ["x".repeat(300)], "{'x' * 300: 1}");
    assert_keys(python, [("a".to_owned(), true, 1)], "{('a', True, 1): 1}");
    let inner: BTreeMap<Vec<u8>, BTreeMap<Vec<u8>, u8>> = [(vec![1], [(vec![2], 3)].into())].into();
    python.assert_reads(&serialize_with::<Pickle<_>>(&inner).unwrap(), "{(1,): {(2,): 3}}");
    // Values are lists where keys are tuples.
    let lists: HashMap<Vec<u8>, Vec<u8>> = [(vec![1], vec![1])].into();
    python.assert_reads(&serialize_with::<Pickle<_>>(&lists).unwrap(), "{(1,): [1]}");
}

fn refused<T: Serialize + DeserializeOwned>(value: &T) -> String {
    format!("{:?}", serialize_with::<Pickle<T>>(value).unwrap_err())
}

#[test]
fn keys_of_serde_types_without_a_hash_are_refused_by_name() {
    let one = |shape: Shape| refused(&BTreeMap::from([(shape, 1)]));
    for (message, part) in [
        (refused(&BTreeMap::from([(Point { x: 1 }, 2)])), "the struct `Point`"),
        (refused(&BTreeMap::from([((1, vec![Point { x: 1 }]), 2)])), "the struct `Point`"),
        (refused(&BTreeMap::from([(Some(Point { x: 1 }), 2)])), "the struct `Point`"),
        (refused(&BTreeMap::from([(BTreeMap::from([(1, 2)]), 3)])), "contains a map"),
        (one(Shape::Newtype(1)), "the variant `Shape::Newtype`"),
        (one(Shape::Tuple(1, 2)), "the variant `Shape::Tuple`"),
        (one(Shape::Struct { x: 1 }), "the variant `Shape::Struct`"),
        (refused(&vec![(1, BTreeMap::from([(vec![Shape::Newtype(1)], 1)]))]), "`Shape::Newtype`"),
    ] {
        assert!(message.contains(part) && message.contains("sequence of pairs"), "{message}");
    }
}

#[derive(Serialize, Deserialize, Debug, PartialEq, Eq, PartialOrd, Ord, Clone)]
#[serde(untagged)]
enum Mixed {
    Bool(bool),
    Int(i64),
    Text(String),
    Optional(Option<u8>),
    Pair(Box<(Mixed, Mixed)>),
}

/// A float with an order.
#[derive(Serialize, Deserialize, Debug, Clone, Copy)]
struct Real(f64);

impl PartialEq for Real {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Real {}

impl PartialOrd for Real {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Real {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

#[test]
fn keys_that_python_takes_for_equal_are_refused() {
    let python = &mut Python::start();
    let pair = |one: Mixed, other: Mixed| Mixed::Pair(Box::new((one, other)));
    let (yes, one) = (Mixed::Bool(true), Mixed::Int(1));
    for keys in [
        vec![yes.clone(), one.clone()],
        vec![Mixed::Bool(false), Mixed::Text("0".into()), Mixed::Int(0)],
        vec![Mixed::Optional(None), Mixed::Optional(Some(0)), Mixed::Bool(false)],
        vec![pair(yes.clone(), one.clone()), pair(one.clone(), yes.clone())],
    ] {
        let map: BTreeMap<Mixed, u8> = keys.into_iter().zip(0..).collect();
        let message = refused(&map);
        assert!(message.contains("is equal in Python to another one"), "{message}");
        assert!(refused(&vec![map]).contains("is equal in Python"));
    }
    let zeros: BTreeMap<Real, u8> = [(Real(0.0), 1), (Real(-0.0), 2)].into();
    assert!(refused(&zeros).contains("is equal in Python"));
    let nothing: BTreeMap<Option<()>, u8> = [(None, 1), (Some(()), 2)].into();
    assert!(refused(&nothing).contains("is equal in Python"));

    assert_keys(
        python,
        [Real(f64::INFINITY), Real(0.5), Real(3.0)],
        "{0.5: 2, 3.0: 3, float('inf'): 1}",
    );
    let apart = [Mixed::Bool(true), Mixed::Int(2), Mixed::Text("1".into()), Mixed::Optional(None)];
    let map: BTreeMap<Mixed, u8> = apart.into_iter().zip(1..).collect();
    let frame = serialize_with::<Pickle<_>>(&map).unwrap();
    python.assert_reads(&frame, "{True: 1, 2: 2, '1': 3, None: 4}");
    // NaN is equal to nothing.
    let nans: BTreeMap<Real, u8> = [(Real(f64::NAN), 1), (Real(-f64::NAN), 2)].into();
    let frame = serialize_with::<Pickle<_>>(&nans).unwrap();
    let count = format!(
        "b'US\\n' + str(len(deserialize(bytes.fromhex('{}')))).encode()",
        support::hex(&frame)
    );
    assert_eq!(deserialize::<String>(&python.evaluate_frame(&count)).unwrap(), "2");
}

fn text(text: &str) -> Value {
    Value::Str(text.to_owned())
}

fn scalar(descr: &'static str, data: &[u8]) -> Value {
    Value::Scalar(Scalar::new(DynArray::new(descr, [], data.to_vec()).unwrap()).unwrap())
}

/// A `numpy.longdouble` of x86: the exponent, with the sign, is that of the mantissa's first bit.
fn long(mantissa: u64, exponent: u16) -> Value {
    long_with_padding(mantissa, exponent, 0)
}

fn long_with_padding(mantissa: u64, exponent: u16, padding: u8) -> Value {
    let number = [&mantissa.to_le_bytes()[..], &exponent.to_le_bytes(), &[padding; 6]].concat();
    scalar("<f16", &number)
}

fn complex_long(real: Value, imaginary: Value) -> Value {
    let (Value::Scalar(real), Value::Scalar(imaginary)) = (real, imaginary) else { panic!() };
    scalar("<c32", &[real.as_array().data(), imaginary.as_array().data()].concat())
}

#[test]
fn keys_that_are_times_of_two_units_are_refused() {
    let python = &mut Python::start();
    let time = |descr, count: i64| scalar(descr, &count.to_le_bytes());
    let tuple = |value: Value| Value::Tuple(vec![value]);
    for (first, second) in [
        (time("<m8[s]", 5), time("<m8[ms]", 5000)),
        (time("<M8[D]", 1), time("<M8[s]", 86_400)),
        (time("<M8[Y]", 50), time("<M8[D]", 3)),
        (tuple(time("<m8[2W]", 1)), tuple(time("<m8[D]", 14))),
        (Value::FrozenSet(vec![time("<M8[ns]", 1)]), time("<M8[us]", 1)),
    ] {
        let set = Value::Set(vec![first.clone(), text("between"), second.clone()]);
        let dict = Value::Dict(vec![(first, Value::None), (second, Value::None)]);
        for value in [set, dict] {
            let message = format!("{:?}", serialize(&value).unwrap_err());
            assert!(message.contains("make them times of one unit"), "{message}");
        }
    }
    for (values, expression) in [
        (
            vec![time("<m8[s]", 5), time("<m8[s]", 6), time("<M8[D]", 5)],
            "{np.timedelta64(5, 's'), np.timedelta64(6, 's'), np.datetime64(5, 'D')}",
        ),
        (vec![time("<M8[s]", 5), Value::Int(5)], "{np.datetime64(5, 's'), 5}"),
        (vec![time("<m8[s]", 5), Value::Int(6)], "{np.timedelta64(5, 's'), 6}"),
    ] {
        python.assert_reads(&serialize(&Value::Set(values)).unwrap(), expression);
    }
}

#[test]
fn values_that_have_a_hash_are_keys_and_elements() {
    let python = &mut Python::start();
    let tuple = || Value::Tuple(vec![Value::Int(1), Value::Tuple(vec![text("a"), Value::None])]);
    for (value, expression) in [
        (tuple(), "(1, ('a', None))"),
        (Value::FrozenSet(vec![tuple(), Value::Int(2)]), "frozenset({(1, ('a', None)), 2})"),
        (Value::None, "None"),
        (Value::Float(0.5), "0.5"),
        (Value::Complex(1.0, 2.0), "1 + 2j"),
        (Value::Bytes(vec![1]), "b'\\x01'"),
        (Value::from(1_u128 << 100), "2**100"),
        (scalar("<f4", &0.5_f32.to_le_bytes()), "np.float32(0.5)"),
    ] {
        let dict =
            Value::Dict(vec![(value.clone(), Value::List(vec![])), (text("k"), Value::None)]);
        let frame = serialize(&dict).unwrap();
        python.assert_reads(&frame, &format!("{{{expression}: [], 'k': None}}"));
        assert_eq!(deserialize::<Value>(&frame).unwrap(), dict);
        let frame = serialize(&Value::Set(vec![value.clone()])).unwrap();
        python.assert_reads(&frame, &format!("{{{expression}}}"));
        let frame = serialize(&Value::FrozenSet(vec![value])).unwrap();
        python.assert_reads(&frame, &format!("frozenset([{expression}])"));
    }
}

#[test]
fn values_without_a_hash_are_refused_with_what_to_use_instead() {
    fn message(result: Result<impl Sized>) -> String {
        format!("{:?}", result.map(drop).unwrap_err())
    }
    let array = |shape: &[usize]| {
        let bytes = vec![1; shape.iter().product()];
        Value::from(DynArray::new("|u1", shape, bytes).unwrap())
    };
    for (value, shown, instead) in [
        (Value::List(vec![Value::Int(1)]), "List([Int(1)])", "a `Value::Tuple`"),
        (Value::ByteArray(vec![1]), "ByteArray([1])", "a `Value::Bytes`"),
        (Value::Set(vec![Value::Int(1)]), "Set([Int(1)])", "a `Value::FrozenSet`"),
        (Value::Dict(vec![]), "Dict([])", "a `Value::Tuple` of its entries"),
        (array(&[2]), "Array(", "a `Value::Tuple` of its elements"),
        (array(&[]), "Array(", "a `Value::Scalar`"),
        (scalar("|V2", &[1, 2]), "Scalar(", "the parts of it"),
    ] {
        let nested = Value::Tuple(vec![Value::Int(1), Value::FrozenSet(vec![value.clone()])]);
        for value in [value, nested.clone(), Value::Tuple(vec![nested])] {
            let key = message(serialize(&Value::Dict(vec![(value.clone(), Value::None)])));
            assert!(key.contains("a key of a `dict` is or contains"), "{key}");
            let set = message(serialize(&Value::Set(vec![text("a"), value.clone()])));
            assert!(set.contains("an element of a set is or contains"), "{set}");
            let frozen = message(serialize(&Value::List(vec![Value::FrozenSet(vec![value])])));
            for message in [key, set, frozen] {
                assert!(message.contains(shown) && message.contains(instead), "{message}");
            }
        }
    }
    // The message is short, however large the value is.
    let long = Value::Set(vec![Value::List(vec![Value::Int(1); 1 << 20])]);
    assert!(message(serialize(&long)).len() < 300);
}

#[test]
fn values_that_python_takes_for_equal_are_refused() {
    let python = &mut Python::start();
    let one = scalar("<i8", &1_i64.to_le_bytes());
    let big = Value::from(num_bigint::BigInt::from(1) << 100);
    let tuple = |value: Value| Value::Tuple(vec![text("t"), value]);
    for (first, second) in [
        (Value::Int(1), Value::Bool(true)),
        (Value::Int(0), Value::Float(-0.0)),
        (Value::Float(2_f64.powi(100)), big.clone()),
        (Value::Int(2), Value::Complex(2.0, -0.0)),
        (Value::Int(1), one.clone()),
        (one.clone(), scalar("<f2", &half::f16::from_f32(1.0).to_le_bytes())),
        (Value::Float(1.5), long(3 << 62, 16383)),
        (Value::Int(-5), long(5 << 61, 0x8000 + 16385)),
        (Value::from(num_bigint::BigInt::from(1) << 100), long(1 << 63, 16483)),
        (Value::Float(f64::from_bits(1)), long(1 << 63, 16383 - 1074)),
        (Value::Float(f64::INFINITY), long(1 << 63, 0x7fff)),
        (Value::Float(0.0), long(0, 0x8000)),
        (scalar("<f4", &0.5_f32.to_le_bytes()), complex_long(long(1 << 63, 16382), long(0, 0))),
        (long(u64::MAX, 16383), long_with_padding(u64::MAX, 16383, 7)),
        // NumPy 1 gives these.
        (Value::Int(5), scalar("<m8[s]", &5_i64.to_le_bytes())),
        (text("a"), scalar("<U1", b"a\0\0\0")),
        (Value::Bytes(b"a".to_vec()), scalar("|S1", b"a")),
        (Value::None, Value::None),
        (tuple(Value::Int(1)), tuple(Value::Bool(true))),
        (
            Value::FrozenSet(vec![Value::Float(1.0), Value::None]),
            Value::FrozenSet(vec![Value::None, Value::Int(1)]),
        ),
    ] {
        let set = Value::Set(vec![first.clone(), text("between"), second.clone()]);
        let dict = Value::Dict(vec![(first, Value::None), (second, Value::None)]);
        for value in [set, dict] {
            let message = format!("{:?}", serialize(&value).unwrap_err());
            assert!(message.contains("is equal in Python to another one"), "{message}");
        }
    }
    let nan = || Value::Float(f64::NAN);
    for (values, expression) in [
        (vec![Value::Int(1), Value::Float(1.5)], "{1, 1.5}"),
        (vec![Value::Bool(true), Value::Int(0), text("1")], "{True, 0, '1'}"),
        (vec![big, Value::Float(2_f64.powi(101))], "{2**100, 2.0**101}"),
        (vec![one, scalar("<i8", &2_i64.to_le_bytes())], "{np.int64(1), np.int64(2)}"),
        (
            vec![long(3 << 62, 16383), long(5 << 61, 16385), Value::Float(2.5), Value::Int(1)],
            "{np.longdouble(1.5), np.longdouble(5), 2.5, 1}",
        ),
        (
            vec![long(0xaaaa_aaaa_aaaa_aaab, 16381), Value::Float(1.0 / 3.0)],
            "{np.longdouble(1) / 3, 1 / 3}",
        ),
        (vec![text("a"), Value::Bytes(b"a".to_vec()), Value::None], "{'a', b'a', None}"),
        (vec![Value::Complex(0.0, 1.0), Value::Float(0.0)], "{1j, 0.0}"),
    ] {
        python.assert_reads(&serialize(&Value::Set(values)).unwrap(), expression);
    }
    assert!(serialize(&Value::Set(vec![nan(), nan()])).is_ok());
}
