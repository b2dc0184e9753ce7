//! `PK`: pickles of code, bombs, and values that lie.

use std::time::Instant;

use ps_serialize::pickle::{Pickle, Scalar, Value};
use ps_serialize::{
    Options, deserialize, deserialize_any, deserialize_with, serialize, serialize_with,
};

use crate::{mutate, peak_memory};

pub(crate) fn frame(pieces: &[&[u8]]) -> Vec<u8> {
    [b"PK\n", &pieces.concat()[..]].concat()
}

/// The message of the error, which must come soon and take little memory.
pub(crate) fn refused(frame: &[u8]) -> String {
    let start = Instant::now();
    let mut message = String::new();
    let peak = peak_memory(|| {
        let error = deserialize::<Value>(frame).expect_err("it is refused");
        message = format!("{error:?}");
        assert_eq!(format!("{:?}", deserialize_any(frame).unwrap_err()), message);
        // A reader stops at the first problem, so it may report another one first.
        deserialize_with::<Pickle<serde_json::Value>>(frame).unwrap_err();
    });
    // The limit is on what the values take; lists that grow have room for as many again.
    let limit = frame.len() * 256 + (64 << 20);
    assert!(peak < 2 * limit, "{peak} bytes were in use");
    support::assert_soon(start);
    message
}

fn everything() -> Value {
    use ps_serialize::array::DynArray;

    let text = Value::Str("text".to_owned());
    let scalar = |descr: &'static str| {
        let size = DynArray::new(descr, [0], vec![]).unwrap().item_size();
        Value::Scalar(Scalar::new(DynArray::new(descr, [], vec![1; size]).unwrap()).unwrap())
    };
    Value::Dict(vec![
        (text.clone(), Value::List(vec![Value::Int(1), Value::Int(-70_000), Value::Float(0.5)])),
        (Value::None, Value::Tuple(vec![Value::Bool(true), Value::Complex(1.0, 2.0)])),
        (Value::Int(2), Value::BigInt(Box::new(1_u128.into()))),
        (Value::Int(3), Value::Set(vec![text, Value::Bytes(vec![1, 2])])),
        (Value::Int(4), Value::FrozenSet(vec![Value::Tuple(vec![Value::Int(3)])])),
        (Value::Int(5), Value::from(DynArray::new("<i2", [1, 2], vec![0; 4]).unwrap())),
        (Value::Int(6), Value::from(DynArray::new("<M8[ns]", [], vec![0; 8]).unwrap())),
        (Value::Int(7), Value::ByteArray(vec![3])),
        (Value::Int(8), Value::List(vec![scalar("<i2"), scalar("<U2"), scalar("<i2")])),
        (Value::Int(9), Value::List(vec![scalar("|b1"), scalar("<c8"), scalar("<m8[25s]")])),
    ])
}

#[test]
fn every_prefix_and_every_changed_byte_gives_a_value_or_an_error() {
    let Value::Dict(entries) = everything() else { unreachable!() };
    for (_, value) in &entries {
        mutate(value);
    }
    // Other writers use old opcodes. This pickle has each of them.
    let old = b"(dp0\nS'a\\x01'\np1\n(lp2\nI01\naI-5\naL7L\naF1.5\naVb\\u00e9\np3\nas(t.";
    let frame = frame(&[old]);
    let mut changed = frame.clone();
    for place in 0..frame.len() {
        let _ = deserialize::<Value>(&frame[..place]);
        for byte in 0..=255 {
            changed[place] = byte;
            let _ = deserialize::<Value>(&changed);
            let _ = deserialize_with::<Pickle<serde_json::Value>>(&changed);
        }
        changed[place] = frame[place];
    }
}

/// An array of a type without bytes, in a shape.
#[cfg(target_pointer_width = "64")]
fn array_without_bytes(dtype: &str, shape: &[u64]) -> Vec<u8> {
    let dtype = format!("cnumpy\ndtype\n(V{dtype}\ntR");
    let shape: Vec<_> = shape.iter().map(|length| format!("L{length}L\n")).collect();
    let call = b"cnumpy.core.numeric\n_frombuffer\n(C\0";
    frame(&[call, dtype.as_bytes(), b"(", shape.concat().as_bytes(), b"tVC\ntR."])
}

#[test]
#[cfg(target_pointer_width = "64")]
fn shapes_that_overflow_are_refused_without_a_limit_too() {
    let unlimited = Options::new().size_limit(usize::MAX);
    for (dtype, shape) in [
        ("S0", &[1_u64 << 40, 1 << 40][..]),
        ("U0", &[1 << 32, 1 << 32, 4]),
        ("V0", &[1 << 62, 1 << 62]),
        ("f8", &[1 << 62, 8, 0]),
        ("i1", &[1 << 62, 8, 0]),
    ] {
        let frame = array_without_bytes(dtype, shape);
        let errors = [
            unlimited.deserialize::<Value>(&frame).unwrap_err(),
            unlimited.deserialize_any(&frame).unwrap_err(),
            unlimited.deserialize_with::<Pickle<serde_json::Value>>(&frame).unwrap_err(),
            unlimited.deserialize_with::<Pickle<Vec<Vec<f64>>>>(&frame).unwrap_err(),
        ];
        for error in errors {
            let error = format!("{error:#}");
            let refused = ["is larger than any memory", "memory of what is read"];
            assert!(refused.iter().any(|part| error.contains(part)), "{dtype} {shape:?}: {error}");
        }
    }
    let read = |shape: &[u64]| {
        deserialize_with::<Pickle<serde_json::Value>>(&array_without_bytes("U0", shape)).unwrap()
    };
    assert_eq!(read(&[2, 1]), serde_json::json!([[""], [""]]));
    assert_eq!(read(&[2, 0]), serde_json::json!([[], []]));
    assert_eq!(read(&[0, 3]), serde_json::json!([]));
}

#[test]
fn arrays_are_read_element_by_element_in_either_order() {
    use ps_serialize::array::DynArray;

    let read = |array: DynArray<'static>| {
        let frame = serialize(&Value::from(array)).unwrap();
        deserialize_with::<Pickle<serde_json::Value>>(&frame).unwrap()
    };
    let array = |descr: &'static str, shape: &[usize], data: &[u8]| {
        DynArray::new(descr, shape.to_vec(), data.to_vec()).unwrap()
    };
    let bytes: Vec<u8> = (1..=6).collect();
    let c_order = array("|u1", &[3, 2], &bytes);
    assert_eq!(read(c_order.clone()), serde_json::json!([[1, 2], [3, 4], [5, 6]]));
    let fortran = c_order.with_fortran_order();
    assert_eq!(read(fortran), serde_json::json!([[1, 4], [2, 5], [3, 6]]));
    let three = array(">i2", &[1, 3, 1], &bytes).with_fortran_order();
    assert_eq!(read(three), serde_json::json!([[[258], [772], [1286]]]));
    let empty = |shape: &[usize]| read(array("<f8", shape, &[]).with_fortran_order());
    assert_eq!(empty(&[3, 0]), serde_json::json!([[], [], []]));
    assert_eq!(empty(&[0, 3]), serde_json::json!([]));
    assert_eq!(read(array("|b1", &[3], &[0, 1, 255])), serde_json::json!([false, true, true]));
    assert_eq!(
        read(array("<U2", &[2], &[97, 0, 0, 0, 0, 0, 0, 0, 98, 0, 0, 0, 99, 0, 0, 0])),
        serde_json::json!(["a", "bc"])
    );
    let halves = array("<f2", &[2, 1], &[0, 0x3c, 0, 0xc0]);
    assert_eq!(read(halves), serde_json::json!([[1.0], [-2.0]]));
}

#[test]
fn code_is_refused_by_name() {
    for (payload, name) in [
        (&b"cos\nsystem\n(S'true'\ntR."[..], "`os.system`"),
        (b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x04true\x85R.", "`posix.system`"),
        (b"(S'true'\nios\nsystem\n.", "`os.system`"),
        (b"(cos\nsystem\nS'true'\no.", "`os.system`"),
        (b"cbuiltins\neval\n(S'1'\ntR.", "`builtins.eval`"),
        (b"cnumpy.core.multiarray\nfromfile\n(S'x'\ntR.", "`numpy.core.multiarray.fromfile`"),
        (b"ctorch\nload\n(S'x'\ntR.", "`torch.load`"),
        (b"\x82\x01.", "extension registry"),
        (b"Pid\n.", "persistent id"),
        (b"\x80\x05\x97.", "buffers outside of it"),
    ] {
        let message = refused(&frame(&[payload]));
        assert!(message.contains(name), "{message}");
    }
}

#[test]
fn a_billion_laughs_are_refused() {
    // Ten lists of ten of the one before, thirty times: 10^30 texts.
    let mut laughs = b"\x80\x04\x8c\x03lol\x940".to_vec();
    for level in 0..30_u8 {
        laughs.extend_from_slice(b"](");
        for _ in 0..10 {
            laughs.extend_from_slice(&[b'h', level]);
        }
        laughs.extend_from_slice(b"e\x940");
    }
    laughs.extend_from_slice(b"h\x1e.");
    let frame = frame(&[&laughs]);
    let message = refused(&frame);
    assert!(message.contains("memory of what is read, in bytes"), "{message}");
    let small = Options::new().size_limit(1 << 16);
    let message = format!("{:?}", small.deserialize::<Value>(&frame).unwrap_err());
    assert!(message.contains("the limit is 65536"), "{message}");

    // Ten thousand sets of one list of ten thousand.
    let list = [b"](", &b"N".repeat(10_000)[..], b"e\x940"].concat();
    let sets = b"c__builtin__\nset\nh\0\x85R0".repeat(10_000);
    let message = refused(&[b"PK\n", &list[..], &sets, b"N."].concat());
    assert!(message.contains("bytes of a pickle that it has copied"), "{message}");

    // Ten thousand times a long integer.
    let integer = [b"PK\n\x8b\0\0\x01\0", &b"\x01".repeat(1 << 16)[..]].concat();
    deserialize::<Value>(&[&integer[..], b"."].concat()).unwrap();
    let integers = [&integer[..], b"\x940](", &b"h\0".repeat(10_000), b"e."].concat();
    let message = format!("{:?}", deserialize::<Value>(&integers).unwrap_err());
    assert!(message.contains("memory of what is read, in bytes"), "{message}");
}

#[test]
fn what_is_no_name_of_an_element_type_is_refused() {
    let dtype = |name: &[u8]| {
        let length = u32::try_from(name.len()).unwrap().to_le_bytes();
        let scalar = b"cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\nX";
        [scalar, &length[..], name, b"\x85RC\x08\0\0\0\0\0\0\0\0\x86R"].concat()
    };
    let zeros = dtype(&[b"<f", &b"0".repeat(1 << 16)[..], b"8"].concat());
    let unit = dtype(&[b"<M8[", &b"s".repeat(1 << 16)[..], b"]"].concat());
    for no_name in [zeros, unit, dtype(b"[('x', '<f8')]")] {
        let message = refused(&frame(&[&no_name, b"."]));
        assert!(message.contains("not a NumPy array"), "{message}");
    }
    assert!(deserialize::<Value>(&frame(&[&dtype(b"<M8[25us]"), b"."])).is_ok());

    // A unit that NumPy does not have, and a unit that makes the name of the type too long.
    let with_unit = |unit: &[u8]| {
        let scalar = b"cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\nX\x02\0\0\0M8\x85R";
        let state = b"(K\x04X\x01\0\0\0<NNNK\0K\0K\0}(C";
        let length = u8::try_from(unit.len()).unwrap();
        let end = b"K\x01K\x01K\x01t\x86tbC\x08\0\0\0\0\0\0\0\0\x86R.";
        frame(&[scalar, state, &[length], unit, end])
    };
    let read: Value = deserialize(&with_unit(b"as")).unwrap();
    assert_eq!(deserialize::<Value>(&serialize(&read).unwrap()).unwrap(), read);
    assert!(refused(&with_unit(&b"s".repeat(59))).contains("the unknown type"));
    assert!(refused(&with_unit(&b"s".repeat(60))).contains("not a NumPy array"));
}

#[test]
fn a_byte_in_many_dimensions_is_refused_where_each_is_a_list() {
    let bytes = b"\x01".repeat(1 << 17);
    let shape = [b"(J\0\0\x02\0", &b"K\x01".repeat(63)[..], b"t"].concat();
    let start = b"cnumpy.core.numeric\n_frombuffer\n(B\0\0\x02\0";
    let dtype = b"cnumpy\ndtype\nX\x02\0\0\0u1\x85R";
    let frame = frame(&[start, &bytes, dtype, &shape, b"X\x01\0\0\0CtR."]);
    assert!(matches!(deserialize::<Value>(&frame), Ok(Value::Array(_))));
    let read = deserialize_with::<Pickle<serde_json::Value>>(&frame);
    let error = read.map(drop).unwrap_err();
    assert!(format!("{error:?}").contains("memory of what is read, in bytes"), "{error:?}");
}

/// A NumPy `dtype` with fields, each with its offset. It stays on the stack.
fn structured(fields: &[(&str, &[u8], u8)], size: u32) -> Vec<u8> {
    let text = |text: &str| {
        let length = u8::try_from(text.len()).unwrap();
        [&[0x8c, length], text.as_bytes()].concat()
    };
    let mut dtype = b"cnumpy\ndtype\n\x8c\x01V\x85R(K\x03\x8c\x01|N(".to_vec();
    fields.iter().for_each(|(name, ..)| dtype.extend(text(name)));
    dtype.extend_from_slice(b"t}(");
    for (name, inner, offset) in fields {
        dtype.extend([&text(name), *inner, &[b'K', *offset, 0x86]].concat());
    }
    dtype.extend([&b"uJ"[..], &size.to_le_bytes(), b"K\x01K\x10tb"].concat());
    dtype
}

/// A scalar of a type, whose bytes are zeros.
fn scalar_of(dtype: &[u8], size: u8) -> Vec<u8> {
    let start = b"cnumpy.core.multiarray\nscalar\n";
    frame(&[start, dtype, &[b'C', size], &vec![0; size.into()], b"\x86R."])
}

#[test]
fn structured_types_that_lie_are_refused() {
    let number = &b"cnumpy\ndtype\n\x8c\x02i4\x85R"[..];
    let good = structured(&[("a", number, 0), ("b", number, 5)], 12);
    let value: Value = deserialize(&scalar_of(&good, 12)).unwrap();
    let Value::Scalar(scalar) = &value else { panic!("{value:?}") };
    assert_eq!(scalar.as_array().descr(), "[('a', 'i4'), ('', '|V1'), ('b', 'i4'), ('', '|V3')]");
    assert_eq!(deserialize::<Value>(&serialize(&value).unwrap()).unwrap(), value);
    for (dtype, size, part) in [
        (structured(&[("a", number, 0), ("b", number, 3)], 12), 12, "overlap"),
        (structured(&[("a", number, 4), ("b", number, 0)], 12), 12, "overlap"),
        (structured(&[("a", number, 0)], 3), 3, "overlap"),
        (structured(&[("a", number, 0)], u32::MAX), 8, "not a NumPy array"),
        (structured(&[("a", number, 0)], 1 << 30), 8, "bytes of data, not 8"),
        (structured(&[("a", number, 0)], 8), 7, "bytes of data, not 7"),
        (structured(&[("a", b"K\x01", 0)], 8), 8, "not a NumPy array"),
        (structured(&[("a", b"cnumpy\ndtype\n\x8c\x02O8\x85R", 0)], 8), 8, "Python objects"),
    ] {
        let message = refused(&scalar_of(&dtype, size));
        assert!(message.contains(part), "{message}");
    }
    // Fields of fields, 200 levels deep; and 60 levels of two fields that are one type.
    let deep = (0..200).fold(number.to_vec(), |inner, _| structured(&[("a", &inner, 0)], 4));
    assert!(refused(&scalar_of(&deep, 4)).contains("not a NumPy array"));
    let mut laughs = [number, b"\x94"].concat();
    for level in 0..60_u8 {
        let again = [b'h', level];
        laughs.extend(structured(&[("a", &again, 0), ("b", &again, 0)], 0));
        laughs.push(0x94);
    }
    let types = [&laughs[..], b"."].concat();
    let message = refused(&frame(&[&types]));
    assert!(message.contains("a `numpy.dtype` where a value should be"), "{message}");
    let wide = structured(&[("a", number, 0)], 4);
    let names: Vec<_> = (0..250).map(|i| format!("{i:0200}")).collect();
    let many: Vec<_> = names.iter().map(|name| (name.as_str(), &b"h\0"[..], 0)).collect();
    let many = [&b"cnumpy\ndtype\n\x8c\x02V0\x85R\x940"[..], &structured(&many, 0)].concat();
    assert!(deserialize::<Value>(&scalar_of(&wide, 4)).is_ok());
    let nested = structured(&[("a", &many, 0), ("b", &many, 0)], 0);
    let message = refused(&scalar_of(&nested, 0));
    assert!(
        message.contains("description of a pickled NumPy type in bytes: the limit is 65536"),
        "{message}"
    );
}

#[test]
fn many_scalars_of_a_long_type_are_within_the_limit() {
    let scalar = b"h\0h\x01C\0\x86R";
    let names: Vec<_> = (0..200).map(|i| format!("{i:0200}")).collect();
    let number = b"cnumpy\ndtype\n\x8c\x02V0\x85R";
    let fields: Vec<_> = names.iter().map(|name| (name.as_str(), &number[..], 0)).collect();
    let start = b"cnumpy.core.multiarray\nscalar\n\x940";
    let list = [&b"]("[..], &scalar.repeat(100_000), b"e."].concat();
    let message = refused(&frame(&[start, &structured(&fields, 0), b"\x940", &list]));
    assert!(message.contains("memory of what is read, in bytes"), "{message}");
}

#[test]
fn nesting_a_million_deep_is_an_error() {
    let million = 1_000_000;
    for payload in [
        [&b"]".repeat(million)[..], &b"a".repeat(million - 1), b"."].concat(),
        [&b")"[..], &b"\x85".repeat(million), b"."].concat(),
        [&b"(".repeat(million)[..], &b"t".repeat(million), b"."].concat(),
    ] {
        let message = refused(&frame(&[&payload]));
        assert!(message.contains("nested too deep, in levels: the limit is 128"), "{message}");
    }
    let deep = (0..200).fold(Value::None, |inner, _| Value::Tuple(vec![inner]));
    let message = format!("{:?}", serialize(&deep).unwrap_err());
    assert!(message.contains("nested too deep, in levels: the limit is 128"), "{message}");
    let deep = (0..120).fold(Value::None, |inner, _| Value::List(vec![inner]));
    assert_eq!(deserialize::<Value>(&serialize(&deep).unwrap()).unwrap(), deep);
}

#[test]
fn what_contains_itself_is_refused() {
    for payload in [&b"]\x94h\0a."[..], b"}\x94Nh\0s.", b"]\x94(h\0h\0e\x85."] {
        let message = refused(&frame(&[payload]));
        assert!(message.contains("contains itself"), "{message}");
    }
}

#[test]
fn types_without_end_do_not_overflow_the_stack() {
    #[derive(serde::Serialize, serde::Deserialize, Debug)]
    struct Endless(Option<Box<Endless>>);
    let message = deserialize_with::<Pickle<Endless>>(b"PK\nK\x05.").unwrap_err();
    assert!(
        format!("{message:#}").contains("nested too deep, in levels: the limit is 128"),
        "{message:?}"
    );
    let deep = (0..200).fold(Endless(None), |inner, _| Endless(Some(Box::new(inner))));
    let message = format!("{:?}", serialize_with::<Pickle<Endless>>(&deep).unwrap_err());
    assert!(message.contains("nested too deep, in levels: the limit is 128"), "{message}");
}

#[test]
fn numbers_are_no_names() {
    #[derive(serde::Serialize, serde::Deserialize, Debug, PartialEq)]
    struct One {
        field: u8,
    }
    #[derive(serde::Serialize, serde::Deserialize, Debug, PartialEq)]
    enum Either {
        This,
        That,
    }
    let one = deserialize_with::<Pickle<One>>(b"PK\n}X\x05\0\0\0fieldK\x07s.").unwrap();
    assert_eq!(one, One { field: 7 });
    let no_text = |error: ps_serialize::Error| {
        let message = format!("{error:#}");
        assert!(message.contains("a field or a variant that is not text"), "{message}");
    };
    no_text(deserialize_with::<Pickle<One>>(b"PK\n}K\0K\x07s.").unwrap_err());
    let either = deserialize_with::<Pickle<Either>>(b"PK\nX\x04\0\0\0That.").unwrap();
    assert_eq!(either, Either::That);
    no_text(deserialize_with::<Pickle<Either>>(b"PK\nK\x01.").unwrap_err());
}

#[test]
fn a_tuple_of_another_length_than_it_says_is_an_error() {
    #[derive(serde::Deserialize)]
    struct Liar;
    impl serde::Serialize for Liar {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            use serde::ser::SerializeTuple;
            let mut tuple = serializer.serialize_tuple(2)?;
            tuple.serialize_element(&1)?;
            tuple.end()
        }
    }
    let message = format!("{:?}", serialize_with::<Pickle<Liar>>(&Liar).unwrap_err());
    assert!(message.contains("to have 2 elements and has 1"), "{message}");
}

#[test]
fn lengths_that_lie_cost_nothing() {
    let ends = "the payload ends inside of the pickle";
    for (payload, part) in [
        (&b"\x8e\xff\xff\xff\xff\xff\xff\xff\xffx."[..], ends),
        (b"\x96\xff\xff\xff\xff\xff\xff\xff\x7fx.", ends),
        (b"X\xff\xff\xff\xffx.", ends),
        (b"\x8b\xff\xff\xff\x7fx.", ends),
        (b"\x95\xff\xff\xff\xff\xff\xff\xff\xffN.", ends),
        (b"Nr\xff\xff\xff\xff.", "the memo has no place 4294967295"),
        (b"j\xff\xff\xff\xff.", "place 4294967295 of the memo is empty"),
        (b"Np99999999999999999999\n.", "is no number that can be there"),
    ] {
        let mut message = String::new();
        let peak = peak_memory(|| {
            message = format!("{:?}", deserialize::<Value>(&frame(&[payload])).unwrap_err());
        });
        assert!(peak < 64 << 10, "{peak} bytes were in use");
        assert!(message.contains(part), "{}: {message}", payload.escape_ascii());
    }
    for payload in [&b"Np-1\n."[..], b"Ix\n.", b"F1.5.2\n.", b"g+-1\n."] {
        let message = refused(&frame(&[payload]));
        assert!(message.contains("is no number that can be there"), "{message}");
    }
    let digits = [b"L", &b"9".repeat(1 << 20)[..], b"L\n."].concat();
    assert!(refused(&frame(&[&digits])).contains("in decimal, as in Python: the limit is 4300"));
}

#[test]
fn arrays_that_lie_are_refused() {
    let array = |shape: &[u8]| {
        let reconstruct =
            b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\0\x85C\x01btR";
        let dtype = b"cnumpy\ndtype\n(X\x03\0\0\0<f8\x89\x88tR\x89C\x08\0\0\0\0\0\0\0\0tb.";
        frame(&[reconstruct, b"(K\x01", shape, dtype])
    };
    assert!(deserialize::<Value>(&array(b"K\x01\x85")).is_ok());
    let many = [b"(", &b"K\x01".repeat(1000)[..], b"t"].concat();
    for (shape, part) in [
        (&b"K\x02\x85"[..], "has 16 bytes of data, not 8"),
        (b"J\xff\xff\xff\xff\x85", "not a NumPy array"),
        (b"\x8a\x08\0\0\0\0\0\0\0\x7fK\x08\x86", "is larger than any memory"),
        (b"N", "not a NumPy array"),
        (&many, "dimensions of an array: the limit is 64"),
    ] {
        let message = refused(&array(shape));
        assert!(message.contains(part), "{}: {message}", shape.escape_ascii());
    }
    // A hundred million rows of nothing.
    let rows = b"J\0\xe1\xf5\x05K\0\x86";
    let empty = frame(&[
        b"cnumpy.core.numeric\n_frombuffer\n(C\0cnumpy\ndtype\nX\x03\0\0\0<f8\x85R",
        rows,
        b"X\x01\0\0\0CtR.",
    ]);
    assert!(deserialize::<Value>(&empty).is_ok());
    let error = deserialize_with::<Pickle<Vec<Vec<f64>>>>(&empty).unwrap_err();
    assert!(format!("{error:?}").contains("memory of what is read, in bytes"), "{error:?}");
}
