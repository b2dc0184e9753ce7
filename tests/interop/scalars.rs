//! `PK`: NumPy's scalars, and elements of its arrays, inside of plain data.

use std::collections::{BTreeMap, BTreeSet};

use num_complex::Complex;
use ps_serialize::array::{DynArray, Element};
use ps_serialize::pickle::{Pickle, Scalar, Value};
use ps_serialize::{deserialize, deserialize_with, serialize};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::python::Python;

/// The frame of an expression in a protocol.
fn pickled(python: &mut Python, expression: &str, protocol: u8) -> Vec<u8> {
    python.evaluate_frame(&format!("b'PK\\n' + pickle.dumps({expression}, {protocol})"))
}

/// The value that serde reads from the pickle of an expression, in every protocol.
fn read<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(
    python: &mut Python,
    expression: &str,
) -> ps_serialize::Result<T> {
    let first = deserialize_with::<Pickle<T>>(&pickled(python, expression, 0));
    for protocol in 1..=5 {
        let again = deserialize_with::<Pickle<T>>(&pickled(python, expression, protocol));
        assert_eq!(again.is_ok(), first.is_ok(), "{expression}: {again:?}");
        if let (Ok(again), Ok(first)) = (again, &first) {
            assert_eq!(again, *first, "{expression} in protocol {protocol}");
        }
    }
    first
}

/// Scalars of every type that NumPy has.
const SCALARS: [&str; 44] = [
    "np.bool_(True)",
    "np.bool_(False)",
    "np.int8(-1)",
    "np.int16(-2)",
    "np.int32(3)",
    "np.int64(-2**63)",
    "np.longlong(5)",
    "np.uint8(255)",
    "np.uint16(1)",
    "np.uint32(2**32 - 1)",
    "np.uint64(2**64 - 1)",
    "np.float16(0.5)",
    "np.float32(-0.0)",
    "np.float64(2.5)",
    "np.float64('-inf')",
    "np.longdouble(1) / 3",
    "np.complex64(1 + 2j)",
    "np.complex128(-1j)",
    "np.clongdouble(2j)",
    "np.str_('')",
    "np.str_('a')",
    "np.str_('ñ🌍 long enough to be more than one')",
    "np.bytes_(b'')",
    "np.bytes_(b'\\0a\\xff')",
    "np.datetime64('2026-11-27')",
    "np.datetime64('2026-11', 'M')",
    "np.datetime64('2026-11-27T01:02:03.000000004')",
    "np.datetime64('NaT')",
    "np.datetime64('NaT', '25us')",
    "np.timedelta64(7, 'D')",
    "np.timedelta64(-7, '25ns')",
    "np.timedelta64('NaT', 's')",
    "np.array([1], '>i4')[0]",
    "np.array([1.5], '>f8')[0]",
    "np.array([1 + 2j], '>c8')[0]",
    "np.array(['hé'], '>U4')[0]",
    "np.array(['2026'], '>M8[Y]')[0]",
    "np.arange(3)[1]",
    "np.mean([1, 2])",
    "np.max(np.array([1, 2], 'u1'))",
    "np.array([255], 'u1').view(bool)[0]",
    "np.True_",
    "np.array(['x', 'longer'])[0]",
    "np.float64('inf')",
];

#[test]
fn scalars_are_read_and_written_as_the_same_scalars() {
    let mut python = Python::start();
    for expression in SCALARS {
        for protocol in 0..=5 {
            let frame = pickled(&mut python, expression, protocol);
            let value: Value = deserialize(&frame)
                .unwrap_or_else(|error| panic!("{expression} in protocol {protocol}: {error:?}"));
            assert!(matches!(value, Value::Scalar(_)), "{expression}: {value:?}");
            let written = serialize(&value).unwrap();
            // NumPy has two integer types of 64 bits, and reads both as the same one.
            let same = format!("pickle.loads(pickle.dumps({expression}))");
            python.assert_reads(&written, &same);
            assert_eq!(deserialize::<Value>(&written).unwrap(), value, "{expression}");
        }
        let forms = ["[x, x]", "(x, {'k': x})", "{x: 1, 'other': x}", "{(x, 'a'): 1}", "{x}"];
        // `NaT` is equal to nothing, so Python can't compare a `dict` that has it as a key.
        let compared = if expression.contains("NaT") { 2 } else { forms.len() };
        for (index, form) in forms.into_iter().enumerate() {
            let expression =
                format!("(lambda x: {form})(pickle.loads(pickle.dumps({expression})))");
            let frame = pickled(&mut python, &expression, 5);
            let value: Value = deserialize(&frame).unwrap();
            let written = serialize(&value).unwrap_or_else(|e| panic!("{expression}: {e:?}"));
            if index < compared {
                python.assert_reads(&written, &expression);
            }
        }
    }
    // These scalars have no hash, so they can't be keys.
    for expression in [
        "np.void(b'ab\\0')",
        "np.timedelta64(5)",
        "np.ones(1, [('a', '>i4'), ('b', '<f8')])[0]",
        "np.zeros(1, np.dtype([('a', 'i1'), ('b', 'f8', (2,)), ('c', [('d', 'U3')])], align=True))[0]",
    ] {
        for protocol in 0..=5 {
            let value: Value = deserialize(&pickled(&mut python, expression, protocol)).unwrap();
            python.assert_reads(&serialize(&value).unwrap(), expression);
            let error = serialize(&Value::Set(vec![value])).unwrap_err();
            assert!(format!("{error:?}").contains("has no hash"), "{error:?}");
        }
    }
}

fn element<A: Element + Copy>(value: &Value) -> A {
    let Value::Scalar(scalar) = value else { panic!("{value:?}") };
    *scalar.as_array().to_array::<A>().unwrap().first().unwrap()
}

#[test]
fn scalars_have_their_values() {
    let mut python = Python::start();
    let frame = pickled(
        &mut python,
        "(np.int16(-2), np.uint64(2**64 - 1), np.float32(0.1), np.complex64(1 - 2j), np.array([255], 'u1').view(bool)[0], np.array([258], '>u2')[0], np.datetime64(7, 's'))",
        5,
    );
    let Value::Tuple(values) = deserialize(&frame).unwrap() else { panic!() };
    assert_eq!(element::<i16>(&values[0]), -2);
    assert_eq!(element::<u64>(&values[1]), u64::MAX);
    assert_eq!(element::<f32>(&values[2]).to_bits(), 0.1_f32.to_bits());
    assert_eq!(element::<Complex<f32>>(&values[3]), Complex::new(1.0, -2.0));
    assert!(element::<bool>(&values[4]));
    assert_eq!(element::<u16>(&values[5]), 258);
    assert_eq!(element::<i64>(&values[6]), 7);
}

#[test]
fn what_numpy_counts_is_read_and_written_as_dicts_and_sets_of_scalars() {
    let mut python = Python::start();
    for expression in [
        "dict(zip(*np.unique([3, 1, 1], return_counts=True)))",
        "dict(zip(*np.unique(['b', 'a', 'b'], return_counts=True)))",
        "dict(zip(*np.unique([0.5, 2.0, 0.5], return_counts=True)))",
        "{(np.int64(1), 'a'): 1}",
        "{np.int64(1), np.int64(2)}",
        "set(np.array(['x', 'y']))",
        "frozenset(np.arange(300))",
        "{np.datetime64('2026-11-27'): [np.float32(1)]}",
        "[np.str_('a' * n) for n in range(300)] + [np.str_('a' * n) for n in range(300)]",
        "np.float64(1) + np.arange(2)",
        "np.array(7, 'u8')",
        "[np.array(7, '>f4'), np.float32(7), 7]",
    ] {
        for protocol in 0..=5 {
            let value: Value = deserialize(&pickled(&mut python, expression, protocol)).unwrap();
            python.assert_reads(&serialize(&value).unwrap(), expression);
        }
    }
    let frame = python.evaluate_frame("serialize({np.str_('v'): 1, np.str_('ñ'): np.int8(2)})");
    let value: Value = deserialize(&frame).unwrap();
    assert_eq!(value.get("v"), Some(&Value::Int(1)));
    assert_eq!(element::<i8>(value.get("ñ").unwrap()), 2);
    assert_eq!(value.get("w"), None);
}

#[derive(Serialize, Deserialize, Debug, PartialEq)]
enum Mode {
    Fast,
    Slow { steps: u8 },
}

#[derive(Serialize, Deserialize, Debug, PartialEq)]
struct Run {
    mode: Mode,
    name: String,
}

#[test]
fn serde_reads_scalars_as_what_a_type_asks_for() {
    let python = &mut Python::start();
    let numbers = "(np.float64(2.5), np.int8(-1), np.float16(0.5), np.uint64(2**64 - 1), np.bool_(True), np.array([255], 'u1').view(bool)[0], np.int64(3))";
    let read_numbers: (f64, i32, f32, u64, bool, bool, f64) = read(python, numbers).unwrap();
    assert_eq!(read_numbers, (2.5, -1, 0.5, u64::MAX, true, true, 3.0));
    let texts: (String, char, String, Option<String>) =
        read(python, "(np.str_('añ🌍'), np.str_('x'), np.str_(''), np.str_('y'))").unwrap();
    assert_eq!(texts, ("añ🌍".into(), 'x', String::new(), Some("y".into())));
    let bytes: (Vec<u8>, [u8; 3], String) =
        read(python, "(np.bytes_(b'a\\xff'), np.void(b'b\\0\\0'), np.bytes_(b'text'))").unwrap();
    assert_eq!(bytes, (vec![b'a', 255], [b'b', 0, 0], "text".into()));
    let complex: [(f64, f64); 4] = read(
        python,
        "(np.complex128(1 + 2j), np.array([1 + 2j], '>c16')[0], np.complex64(3j), 4 + 5j)",
    )
    .unwrap();
    assert_eq!(complex, [(1.0, 2.0), (1.0, 2.0), (0.0, 3.0), (4.0, 5.0)]);
    assert!(read::<(f64,)>(python, "np.complex128(1 + 2j)").is_err());
    let times: (i64, i32, Option<i64>, Option<i64>, u8) = read(
        python,
        "(np.datetime64(-7, 's'), np.timedelta64(8, 'ns'), np.datetime64('NaT'), np.timedelta64(9), np.array(1, '>m8[D]'))",
    )
    .unwrap();
    assert_eq!(times, (-7, 8, None, Some(9), 1));
    let keys: BTreeMap<String, u8> = read(python, "{np.str_('v'): np.uint8(1), 'w': 2}").unwrap();
    assert_eq!(keys, [("v".to_owned(), 1), ("w".to_owned(), 2)].into());
    let counts: BTreeMap<i64, usize> =
        read(python, "dict(zip(*np.unique([3, 1, 1], return_counts=True)))").unwrap();
    assert_eq!(counts, [(1, 2), (3, 1)].into());
    let set: BTreeSet<(i64, String)> = read(python, "{(np.int64(1), np.str_('a'))}").unwrap();
    assert_eq!(set, [(1, "a".to_owned())].into());
    let runs: Vec<Run> = read(
        python,
        "[{np.str_('mode'): np.str_('Fast'), 'name': np.str_('a')}, {'mode': {np.str_('Slow'): {'steps': np.uint8(3)}}, np.str_('name'): 'b'}]",
    )
    .unwrap();
    let slow = Mode::Slow { steps: 3 };
    assert_eq!(
        runs,
        [(Mode::Fast, "a"), (slow, "b")].map(|(mode, name)| Run { mode, name: name.into() })
    );
    let json: serde_json::Value = read(
        python,
        "[np.int8(-1), np.str_('a'), np.float32(0.5), np.bool_(False), np.complex64(1j)]",
    )
    .unwrap();
    assert_eq!(json, serde_json::json!([-1, "a", 0.5, false, [0.0, 1.0]]));
}

#[test]
fn serde_reads_arrays_of_text_bytes_times_and_any_bools() {
    let python = &mut Python::start();
    let texts: Vec<String> = read(python, "np.array(['a', '', 'ñ🌍'])").unwrap();
    assert_eq!(texts, ["a", "", "ñ🌍"]);
    let texts: Vec<Vec<String>> =
        read(python, "np.array([['a', 'b'], ['c', 'dd']], '>U2')").unwrap();
    assert_eq!(texts, [["a", "b"], ["c", "dd"]]);
    let texts: Vec<[String; 2]> =
        read(python, "np.asfortranarray([['a', 'b'], ['c', 'd']])").unwrap();
    assert_eq!(texts, [["a", "b"], ["c", "d"]]);
    let modes: Vec<Mode> = read(python, "np.array(['Fast', 'Fast'])").unwrap();
    assert_eq!(modes, [Mode::Fast, Mode::Fast]);
    let text: String = read(python, "np.array('0-d')").unwrap();
    assert_eq!(text, "0-d");
    let none: (Vec<String>, Vec<Vec<u8>>) =
        read(python, "(np.array([], 'U0'), np.zeros((2, 0), 'u1'))").unwrap();
    assert_eq!(none, (vec![], vec![vec![], vec![]]));
    let bytes: Vec<Vec<u8>> = read(python, "np.array([b'a', b'bc\\0'])").unwrap();
    assert_eq!(bytes, [&b"a"[..], b"bc"]);
    let void: Vec<[u8; 2]> = read(python, "np.array([b'a', b'bc'], 'V2')").unwrap();
    assert_eq!(void, [*b"a\0", *b"bc"]);
    let complex: Vec<(f64, f64)> = read(python, "np.array([1j, 2], '>c8')").unwrap();
    assert_eq!(complex, [(0.0, 1.0), (2.0, 0.0)]);
    let times: Vec<Option<i64>> = read(python, "np.array([5, 'NaT'], 'M8[s]')").unwrap();
    assert_eq!(times, [Some(5), None]);
    let times: Vec<i64> = read(python, "np.array([5, -6], '>m8[25us]')").unwrap();
    assert_eq!(times, [5, -6]);
    let bools: BTreeMap<String, Vec<bool>> =
        read(python, "{'v': np.array([0, 2], 'u1').view(bool)}").unwrap();
    assert_eq!(bools, [("v".to_owned(), vec![false, true])].into());
    let bools: Vec<[bool; 2]> =
        read(python, "np.asfortranarray(np.array([[0, 255], [1, 0]], 'u1').view(bool))").unwrap();
    assert_eq!(bools, [[false, true], [true, false]]);
    let bool: (bool, Vec<bool>) =
        read(python, "(np.array(128, 'u1').view(bool), np.array([], bool))").unwrap();
    assert_eq!(bool, (true, vec![]));
}

#[test]
fn what_serde_has_no_type_for_is_refused_with_what_to_do() {
    let python = &mut Python::start();
    for (expression, part) in [
        ("np.longdouble(1)", "a NumPy number of 16 bytes"),
        ("np.array([1], np.longdouble)", "ask for a `pickle::Value`"),
        ("np.array([[1j]], np.clongdouble)", "`complex128` in Python"),
        ("np.ones(1, [('a', 'i4')])[0]", "the structured type `[('a', '<i4')]`"),
        ("np.ones(2, [('a', 'i4')])", "ask for a `pickle::Value`"),
    ] {
        let scalar = read::<f64>(python, expression).unwrap_err();
        let array = read::<Vec<f64>>(python, expression).unwrap_err();
        let any = read::<serde_json::Value>(python, expression).unwrap_err();
        assert!(format!("{any:?}").contains(part), "{expression}: {any:?}");
        for error in [scalar, array].map(|error| format!("{error:?}")) {
            assert!(!error.contains("asked for"), "{error}");
        }
        let value: Value = deserialize(&pickled(python, expression, 5)).unwrap();
        python.assert_reads(&serialize(&value).unwrap(), expression);
    }
    let error = read::<serde_json::Value>(python, "np.datetime64(1, 's')").unwrap_err();
    assert!(format!("{error:?}").contains("the count of its unit"), "{error:?}");
    let error = read::<i64>(python, "np.datetime64('NaT')").unwrap_err();
    assert!(format!("{error:?}").contains("ask for an `Option`"), "{error:?}");
    assert!(read::<Vec<Mode>>(python, "np.array([0, 1], 'u4')").is_err());
    assert!(read::<Mode>(python, "np.uint32(0)").is_err());
    assert!(read::<BTreeMap<String, u8>>(python, "{np.int8(1): 1}").is_err());
    let lone = "np.array([0xd800], 'u4').view('U1')[0]";
    let error = read::<String>(python, lone).unwrap_err();
    assert!(format!("{error:?}").contains("0xd800"), "{error:?}");
}

#[test]
fn scalars_made_in_rust_are_what_python_has() {
    let mut python = Python::start();
    let scalar = |descr: &str, data: &[u8]| {
        Value::Scalar(
            Scalar::new(DynArray::new(descr.to_owned(), [], data.to_vec()).unwrap()).unwrap(),
        )
    };
    for (value, expression) in [
        (scalar("int64", &7_i64.to_ne_bytes()), "np.int64(7)"),
        (scalar(">i2", &[1, 2]), "np.int16(258)"),
        (scalar("<i2", &[1, 2]), "np.int16(513)"),
        (scalar("?", &[3]), "np.True_"),
        (scalar("a3", b"ab\0"), "np.bytes_(b'ab')"),
        (scalar(">U2", b"\0\0\0a\0\0\0b"), "np.str_('ab')"),
        (scalar(">c8", &[0x3f, 0x80, 0, 0, 0x40, 0, 0, 0]), "np.complex64(1 + 2j)"),
        (scalar(">M8[ms]", &5_i64.to_be_bytes()), "np.datetime64(5, 'ms')"),
        (scalar("=m8", &5_i64.to_ne_bytes()), "np.timedelta64(5)"),
    ] {
        let frame = serialize(&Value::List(vec![value.clone()])).unwrap();
        python.assert_reads(&frame, &format!("[{expression}]"));
        assert_eq!(deserialize::<Value>(&frame).unwrap(), Value::List(vec![value]));
    }
    let error = Scalar::new(DynArray::new("<i2", [1], vec![0, 0]).unwrap()).unwrap_err();
    assert!(format!("{error:?}").contains("the shape [1]"), "{error:?}");
}
