//! `NP`: arrays of every type and shape, both ways.

use std::fmt::Debug;
use std::io::Read;

use half::f16;
use ndarray::{
    Array, Array0, Array1, Array2, ArrayD, ArrayView, CowArray, Dimension, IntoDimension, IxDyn,
    ShapeBuilder, arr0, array, s,
};
use num_complex::Complex;
use ps_serialize::array::{DynArray, Element};
use ps_serialize::{
    Frame, deserialize, deserialize_any, deserialize_with, parts, read_frame, serialize,
    serialize_any,
};
use serde_json::json;
use support::{from_hex, hex};

use crate::python::Python;

/// Equal to the last bit, in the same order in memory.
fn assert_same<A: Element + Debug, D: Dimension>(
    found: &ArrayView<'_, A, D>,
    expected: &ArrayView<'_, A, D>,
) {
    assert_eq!(found.shape(), expected.shape());
    let is_fortran =
        |array: &ArrayView<'_, A, D>| !array.is_standard_layout() && array.t().is_standard_layout();
    assert_eq!(is_fortran(found), is_fortran(expected), "the order of {expected:?}");
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(bytemuck::bytes_of(found), bytemuck::bytes_of(expected), "{found:?}");
    }
}

/// Exchanges a value in both directions.
fn both_ways<A: Element + Debug, D: Dimension + 'static>(
    python: &mut Python,
    expression: &str,
    value: &Array<A, D>,
) {
    let theirs = python.evaluate(expression);
    let ours = serialize(value).unwrap();
    assert_eq!(ours.as_ptr().align_offset(64), 0);
    assert_eq!(Frame::parse(&ours).unwrap().payload(), &theirs[3..], "{expression}");
    assert_eq!(parts(value).unwrap().to_bytes(), ours);
    assert_eq!(serialize_any(value).unwrap(), ours);
    python.assert_reads(&ours, expression);
    // The Python module writes the same frame, from which Rust borrows however it arrives.
    let modules = python.evaluate_frame(&format!("ps_serialize.serialize({expression})"));
    assert_eq!(modules, ours, "{expression}");
    let modules = read_frame(modules[..1].chain(&modules[1..]), None).unwrap();
    assert_same(&deserialize::<ArrayView<'_, A, D>>(&modules).unwrap(), &value.view());
    for frame in [&theirs[..], &ours] {
        assert_same(&deserialize::<Array<A, D>>(frame).unwrap().view(), &value.view());
        assert_same(&deserialize::<CowArray<'_, A, D>>(frame).unwrap().view(), &value.view());
        let any = deserialize_any(frame).unwrap().downcast::<ArrayD<A>>().unwrap();
        assert_same(&any.view(), &value.view().into_dyn());
        let dynamic: DynArray = deserialize(frame).unwrap();
        assert_same(&dynamic.to_array::<A>().unwrap().view(), &value.view().into_dyn());
        assert_eq!(Frame::parse(&serialize(&dynamic).unwrap()).unwrap().payload(), &theirs[3..]);
    }
    assert_same(&deserialize::<ArrayView<'_, A, D>>(&ours).unwrap(), &value.view());
}

/// A type in many shapes, orders and views. `elements` are two, in both languages.
fn shapes_of<A: Element + Debug>(python: &mut Python, name: &str, elements: (&str, [A; 2])) {
    let (text, [first, second]) = elements;
    let base = format!("np.resize(np.array({text}, dtype='{name}'), 24)");
    let flat = Array::from_shape_fn(24, |i| if i % 2 == 0 { first } else { second });
    both_ways(python, &base, &flat);
    both_ways(python, &format!("{base}[:1].reshape(())"), &arr0(first));
    both_ways(python, &format!("{base}[:0]"), &Array1::<A>::from_vec(vec![]));
    both_ways(python, &format!("np.empty((3, 0, 2), '{name}')"), &empty::<A>());
    macro_rules! shaped {
        ($($shape:expr),*) => {$(
            let text = format!("{:?}", $shape.into_dimension().slice());
            let c = flat.clone().into_shape_with_order($shape).unwrap();
            both_ways(python, &format!("{base}.reshape({text})"), &c);
            let f = Array::from_shape_vec($shape.f(), flat.to_vec()).unwrap();
            both_ways(python, &format!("{base}.reshape({text}, order='F')"), &f);
            both_ways(python, &format!("{base}.reshape({text}).T"), &c.reversed_axes());
        )*};
    }
    shaped!((4, 6), (2, 3, 4), (1, 24), (24, 1), (2, 2, 3, 2), (1, 2, 3, 2, 2), (2, 1, 2, 3, 1, 2));
    shaped!(IxDyn(&[2, 1, 1, 2, 3, 1, 2, 1]));
}

fn empty<A: Element>() -> Array<A, ndarray::Ix3> {
    Array::from_shape_vec((3, 0, 2), vec![]).unwrap()
}

#[test]
fn every_element_type_in_every_shape_both_ways() {
    let mut python = Python::start();
    let python = &mut python;
    shapes_of(python, "bool", ("[True, False]", [true, false]));
    shapes_of(python, "i1", ("[-128, 127]", [i8::MIN, i8::MAX]));
    shapes_of(python, "i2", ("[-32768, 32767]", [i16::MIN, i16::MAX]));
    shapes_of(python, "i4", ("[-2**31, 2**31-1]", [i32::MIN, i32::MAX]));
    shapes_of(python, "i8", ("[-2**63, 2**63-1]", [i64::MIN, i64::MAX]));
    shapes_of(python, "u1", ("[0, 255]", [0, u8::MAX]));
    shapes_of(python, "u2", ("[1, 65535]", [1, u16::MAX]));
    shapes_of(python, "u4", ("[1, 2**32-1]", [1, u32::MAX]));
    shapes_of(python, "u8", ("[1, 2**64-1]", [1, u64::MAX]));
    shapes_of(python, "f2", ("[1.5, -0.0]", [f16::from_f32(1.5), f16::NEG_ZERO]));
    shapes_of(python, "f4", ("[0.1, float('inf')]", [0.1, f32::INFINITY]));
    shapes_of(python, "f8", ("[5e-324, -0.0]", [5e-324, -0.0]));
    shapes_of(
        python,
        "c8",
        ("[1-2j, 0.5j]", [Complex::new(1.0_f32, -2.0), Complex::new(0.0, 0.5)]),
    );
    shapes_of(python, "c16", ("[1-2j, 0.1]", [Complex::new(1.0, -2.0), Complex::new(0.1, 0.0)]));
}

#[test]
fn the_payloads_of_nans_and_the_signs_of_zeros_survive() {
    let bits = [0x7ff8_0000_0000_0001_u64, 0xfff0_dead_beef_0001, 0x8000_0000_0000_0000, 0];
    let expression = format!("np.array({bits:?}, 'u8').view('f8')");
    both_ways(&mut Python::start(), &expression, &Array1::from_iter(bits.map(f64::from_bits)));
    let bits = [0x7fa0_0001_u32, 0xffc0_1234, 0x8000_0000];
    let expression = format!("np.array({bits:?}, 'u4').view('f4')");
    both_ways(&mut Python::start(), &expression, &Array1::from_iter(bits.map(f32::from_bits)));
}

#[test]
fn strided_views_are_written_in_order() {
    let mut python = Python::start();
    let cube = Array::range(0.0, 24_000.0, 1.0).into_shape_with_order((40, 30, 20)).unwrap();
    let large = Array::from_iter(0..270_000).into_shape_with_order((30, 9000)).unwrap();
    let first_row = cube.slice(s![0, 0, ..]);
    macro_rules! check {
        ($($view:expr, $expression:expr;)*) => {$(
            let view = $view;
            let frame = serialize(&view).unwrap();
            assert_eq!(parts(&view).unwrap().to_bytes(), frame, $expression);
            assert_eq!(serialize(&view.to_shared()).unwrap(), frame, $expression);
            python.assert_reads(&frame, &format!(
                "np.ascontiguousarray((lambda a, b: {})(np.arange(24000.).reshape(40, 30, 20),
                 np.arange(270000, dtype='i4').reshape(30, 9000)))", $expression));
        )*};
    }
    check! {
        cube.slice(s![..;2, .., ..]), "a[::2]";
        cube.slice(s![.., ..;3, ..]), "a[:, ::3]";
        cube.slice(s![.., .., ..;7]), "a[:, :, ::7]";
        cube.slice(s![..;-1, .., ..]), "a[::-1]";
        cube.slice(s![..;-1, ..;-2, ..;-3]), "a[::-1, ::-2, ::-3][:, :, :]";
        cube.slice(s![.., 3.., 2..5]), "a[:, 3:, 2:5]";
        cube.view().permuted_axes([1, 0, 2]), "a.transpose(1, 0, 2)";
        cube.view().permuted_axes([2, 0, 1]), "a.transpose(2, 0, 1)";
        cube.slice(s![5, .., ..]).reversed_axes().slice_move(s![.., ..;4]), "a[5].T[:, ::4]";
        first_row.broadcast((3, 20)).unwrap(), "np.broadcast_to(a[0, 0], (3, 20))";
        large.slice(s![..;2, 100..8900]), "b[::2, 100:8900]";
        large.slice(s![..;-3, ..]), "b[::-3]";
    }
}

#[test]
fn views_shared_and_cow_arrays_are_written_alike() {
    let owned: Array2<f32> = array![[1.0, 2.0], [3.0, 4.0]];
    let frame = serialize(&owned).unwrap();
    assert_eq!(serialize(&owned.view()).unwrap(), frame);
    assert_eq!(serialize(&owned.clone().into_shared()).unwrap(), frame);
    assert_eq!(serialize(&CowArray::from(owned.view())).unwrap(), frame);
    assert_eq!(serialize(&owned.clone().view_mut()).unwrap(), frame);
    assert_eq!(deserialize_with::<Array2<f32>>(&frame).unwrap(), owned);
}

#[test]
fn the_other_byte_order_is_read() {
    let mut python = Python::start();
    macro_rules! check {
        ($($name:literal, $element:ty, $values:expr;)*) => {$(
            let expected: Array1<$element> = Array1::from_iter($values);
            let text = format!("np.array({:?}, '{}')", expected.to_vec(), $name);
            for order in ['>', '<', '='] {
                let frame = python.evaluate(&format!("{text}.astype('{order}{}')", $name));
                let typed: Array1<$element> = deserialize(&frame).unwrap();
                assert_eq!(typed, expected, "{order}{}", $name);
                let any = deserialize_any(&frame).unwrap();
                assert_eq!(any.downcast_ref(), Some(&typed.clone().into_dyn()));
                assert_eq!(deserialize::<CowArray<'_, $element, _>>(&frame).unwrap(), expected);
                let dynamic: DynArray = deserialize(&frame).unwrap();
                assert_eq!(dynamic.to_array::<$element>().unwrap(), typed.into_dyn());
                // The array is written as it was, in the same order.
                assert_eq!(serialize(&dynamic).unwrap()[64..], frame[3..]);
            }
        )*};
    }
    check! {
        "i2", i16, [1, -2, 300];
        "u4", u32, [1, 0xdead_beef];
        "i8", i64, [1, -2, i64::MIN];
        "f4", f32, [0.1, -2.5];
        "f8", f64, [0.1, -2.5];
    }
    let complex = python.evaluate("np.array([1+2j, 3-4j]).astype('>c8')");
    let expected = array![Complex::new(1.0_f32, 2.0), Complex::new(3.0, -4.0)];
    assert_eq!(deserialize::<Array1<Complex<f32>>>(&complex).unwrap(), expected);
    let half = python.evaluate("np.array([1.5, -2]).astype('>f2')");
    let expected = array![f16::from_f32(1.5), f16::from_f32(-2.0)];
    assert_eq!(deserialize::<Array1<f16>>(&half).unwrap(), expected);
}

#[test]
fn every_other_type_is_carried_unchanged() {
    let mut python = Python::start();
    for expression in [
        "np.array(['2024-02-29', 'NaT', '1969-12-31T23:59:59'], 'M8[s]')",
        "np.array([1, -2], 'M8[25us]')",
        "np.array([1, -2, 'NaT'], 'm8[ns]').reshape(3, 1)",
        "np.array([1], 'm8')",
        "np.array([1, 2]).astype('>M8[D]')",
        "np.array([b'one', b'', b'three'])",
        "np.array(['ein', '', '世界🌍'])",
        "np.array(['ein', 'zwei']).astype('>U7')",
        "np.array([b''], 'S0')",
        "np.array([b'ab', b'c'], 'V3')",
        "np.array([1, 2], 'g')",
        "np.array([1, 2], 'G')",
        "np.zeros(3, [('x', 'f8'), ('y', '>i4', (2, 3)), ('tag', 'S4')])",
        "np.ones((2, 2), [('inner', [('a', 'u1'), ('b', 'c16')]), ('flag', '?')], order='F')",
        "np.zeros(2, np.dtype([('a', 'i1'), ('b', 'f8')], align=True))",
        "np.zeros(2, np.dtype({'names': ['a', 'b'], 'formats': ['i2', 'i4'], 'offsets': [2, 6], 'itemsize': 12}))",
        "np.zeros(2, [(('a title', 'a'), 'i4')])",
        "np.zeros(2, [('größe', 'f4'), ('世界', 'i8')])",
        "np.zeros(2, [('größe', 'f4')])",
        r#"np.zeros(1, [('it\'s "so"', 'f4'), ('\\', 'i8')])"#,
        "np.zeros(1, [(f'column {i}', 'f8') for i in range(5000)])",
        "np.zeros((0, 3), 'M8[ms]')",
    ] {
        let frame = python.evaluate(expression);
        let value = deserialize_with::<DynArray>(&frame)
            .unwrap_or_else(|error| panic!("{expression}: {error:?}"));
        let any = deserialize_any(&frame).unwrap();
        assert_eq!(any.downcast_ref::<DynArray<'static>>(), Some(&value), "{expression}");
        let ours = serialize(&value).unwrap();
        assert!(
            ours[64..] == frame[3..],
            "{expression}:\n{}",
            ours[64..300.min(ours.len())].escape_ascii()
        );
        if !expression.contains("5000") {
            python.assert_reads(&ours, expression);
        }
        assert_eq!(
            deserialize_any(&serialize_any(&value).unwrap()).unwrap().downcast_ref(),
            Some(&value)
        );
    }
}

#[test]
fn moments_are_read_as_numbers() {
    let mut python = Python::start();
    let frame = python.evaluate("np.array(['1970-01-02', 'NaT'], '>M8[D]')");
    let dates: DynArray = deserialize(&frame).unwrap();
    assert_eq!(dates.descr(), ">M8[D]");
    assert_eq!(dates.to_array::<i64>().unwrap(), array![1, i64::MIN].into_dyn());
    for (descr, unit) in [
        (">M8[D]", Some((1, "D"))),
        ("<M8[25us]", Some((25, "us"))),
        ("m8[ns]", Some((1, "ns"))),
        ("=m8[12M]", Some((12, "M"))),
        ("<m8", None),
        ("<M8[generic]", None),
        ("<i8", None),
        ("<U2", None),
        ("[('t', '<M8[s]')]", None),
    ] {
        assert_eq!(DynArray::new(descr, [1], vec![0; 8]).unwrap().time_unit(), unit, "{descr}");
    }
    let error = dates.to_array::<u64>().unwrap_err().to_string();
    assert!(error.contains(">M8[D]") && error.contains("u64"), "{error}");
}

/// NumPy reads every description that `DynArray` takes.
#[test]
fn every_description_that_is_taken_is_one_of_numpy() {
    let mut python = Python::start();
    for (descr, size) in [
        ("<M8[ns]", 8),
        ("=m8[2147483647fs]", 8),
        ("|a3", 3),
        ("a3", 3),
        ("q", 8),
        ("float16", 2),
        ("[('a', '<f8')] \n", 8),
        ("[('a\\x00\\u00e9\\n', '<f8')]", 8),
        (r#"[('\'"', '<f8'), ('', '|V8')]"#, 16),
        ("[(('t', 'n'), '<f8', (1,)), ('m', '<i4', 2)]", 16),
        ("[('größe', '<f4'), ('世界', '|S0')]", 4),
    ] {
        let array = DynArray::new(descr, [1], vec![0; size]).unwrap();
        let frame = serialize(&array).unwrap();
        assert_eq!(deserialize::<DynArray>(&frame).unwrap(), array);
        let load = json!({ "load": hex(Frame::parse(&frame).unwrap().payload()) });
        let theirs = python.ask(&load);
        assert!(theirs.is_string(), "{descr}: {theirs}");
    }
    for descr in [
        "<M8[d]",
        "<m8[2147483648s]",
        "[('a', '<f8'), ('a', '<i4')]",
        "[(('a', 'b'), '<f8'), ('a', '<i4')]",
        "[('a\nb', '<f8')]",
        "[('a\0b', '<f8')]",
        "[('\\x4', '<f8')]",
        "[('\\u12', '<f8')]",
        "[('\\U00110000', '<f8')]",
        "[('\\N{BELL}', '<f8')]",
        "[('a', '<f8', (01,))]",
    ] {
        assert!(DynArray::new(descr, [0], vec![]).is_err(), "{descr}");
    }
    let name = format!("<M8[{}s]", "0".repeat(80));
    assert!(DynArray::new(name, [0], vec![]).is_err());
    let dimensions = format!("[('a', '<f8', ({}))]", "1, ".repeat(65));
    assert!(DynArray::new(dimensions, [0], vec![]).is_err());
}

#[test]
fn fixed_width_text_is_read_as_strings() {
    let mut python = Python::start();
    for (expression, shape, expected) in [
        ("np.array(['ein', '', '世界🌍'])", &[3][..], &["ein", "", "世界🌍"][..]),
        ("np.array(['ein', 'zwei']).astype('>U7')", &[2], &["ein", "zwei"]),
        ("np.array(['ein', 'zwei', 'drei'], '<U2')", &[3], &["ei", "zw", "dr"]),
        ("np.array(['a\\0b', '\\0c', 'd\\0'])", &[3], &["a\0b", "\0c", "d"]),
        ("np.array([b'one', b'three', b'a\\0b'], 'S5')", &[3], &["one", "three", "a\0b"]),
        ("np.array(['größe'.encode(), b''])", &[2], &["größe", ""]),
        ("np.array([['a', 'b', 'c'], ['d', 'e', 'f']])", &[2, 3], &["a", "b", "c", "d", "e", "f"]),
        ("np.array([['a', 'b'], ['d', 'e']], order='F')", &[2, 2], &["a", "b", "d", "e"]),
        ("np.array('alone')", &[], &["alone"]),
        ("np.empty((0, 3), 'U4')", &[0, 3], &[]),
        ("np.array([b'', b''], 'S0')", &[2], &["", ""]),
    ] {
        let frame = python.evaluate(expression);
        let strings = deserialize::<DynArray>(&frame).unwrap().to_strings().unwrap();
        assert_eq!(strings.shape(), shape, "{expression}");
        assert_eq!(strings.into_iter().collect::<Vec<_>>(), expected, "{expression}");
    }
    for (descr, data, expected) in [
        ("|S2", &b"ok\xff\xfe"[..], "element 1 is not text"),
        ("<U1", b"a\0\0\0\0\xd8\0\0", "element 1 is not text: 0xd800 is not a character"),
        (">U1", b"\0\x11\0\0\0\0\0a", "element 0 is not text: 0x110000 is not a character"),
        ("<f4", b"12345678", "the elements are `<f4`, not text"),
        ("[('a', '|S4')]", b"12345678", "not text"),
    ] {
        let error = DynArray::new(descr, [2], data).unwrap().to_strings().unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

/// An npy file of this header and data, as another program may have written it.
fn npy(version: u8, header: &str, data: &[u8]) -> Vec<u8> {
    let latin1 = |text: &str| text.chars().map(|c| u8::try_from(c).unwrap()).collect::<Vec<_>>();
    let header = if version == 3 { header.as_bytes().to_vec() } else { latin1(header) };
    let length = u32::try_from(header.len()).unwrap().to_le_bytes();
    let length = if version == 1 { &length[..2] } else { &length[..] };
    [b"\x93NUMPY", &[version, 0][..], length, &header, data].concat()
}

#[test]
fn what_numpy_loads_is_read_and_what_it_refuses_is_not() {
    let mut python = Python::start();
    let two = &[0, 0, 0x80, 0x3f, 0, 0, 0, 0x40][..];
    for header in [
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }",
        "{'shape': (2,), 'fortran_order': False, 'descr': '<f4'}",
        r#"{"descr":"<f4","fortran_order":False,"shape":(2,)}"#,
        "{ 'descr' :\t'<f4' ,\n'fortran_order' : True , 'shape' : ( 2 , ) , }\n",
        "{u'descr': u'<f4', 'fortran_order': False, 'shape': (2,)}   \n",
        "{'descr': 'f4', 'fortran_order': False, 'shape': (2, 1, 1)}",
        "{'descr': 'f', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': 'float32', 'fortran_order': False, 'shape': (1,2,)}",
        "{'descr': '=f4', 'fortran_order': False, 'shape': (2L,)}",
        "{'descr': '>f4', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (8,)}",
        "{'descr': '<i8', 'fortran_order': False, 'shape': ()}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), 'shape': (2,)}",
        "{'descr': [('größe', '<f4', 2)], 'fortran_order': False, 'shape': (1,)}",
        "{'descr': [(('t', 'n'), '<f4'), ('m', '<i4', ())], 'fortran_order': False, 'shape': (1,)}",
        "{'descr': [('a', ('<f4', (2,)))], 'fortran_order': False, 'shape': (1,)}",
        // From here on they are wrong.
        "{'descr': ('<f4', (2,)), 'fortran_order': False, 'shape': (1,)}",
        "",
        "[]",
        "{}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': [2]}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2.0,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2 1)}",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': Falsey, 'shape': (2,)}",
        "{'descr': '<f4', 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'more': 1}",
        "{'descr': '<x4', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': [('a', '|O')], 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4, 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775808, 9223372036854775808)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387906,)}",
    ] {
        // Version 3 came with Python 3: it is UTF-8, and its numbers have no `L`.
        let old = !header.is_ascii() || header.contains("2L");
        let versions: &[u8] = if old { &[1, 2] } else { &[1, 2, 3] };
        for &version in versions {
            let file = npy(version, header, two);
            let frame = [b"NP\n", &file[..]].concat();
            let ours = deserialize::<DynArray>(&frame);
            let theirs = python.ask(&json!({ "load": hex(&file) }));
            let Some(theirs) = theirs.as_str() else {
                assert!(ours.is_err(), "NumPy refuses {version} {header}: {theirs}");
                continue;
            };
            let ours = ours.unwrap_or_else(|error| panic!("{version} {header}: {error:?}"));
            let theirs = deserialize_with::<DynArray>(&from_hex(theirs)).unwrap();
            assert_eq!(ours.data(), theirs.data(), "{header}");
            assert_eq!(ours.shape(), theirs.shape(), "{header}");
        }
    }
    assert!(deserialize::<DynArray>(&[b"NP\n", &npy(4, "{}", &[])[..]].concat()).is_err());
}

#[test]
fn objects_pickles_and_archives_are_refused_by_name() {
    let mut python = Python::start();
    for (expression, expected) in [
        ("np.array([{}, 'a'], object)", "Python objects"),
        ("np.array([(1, {})], [('a', 'i4'), ('b', object)])", "Python objects"),
    ] {
        let error = deserialize_any(&python.evaluate(expression)).unwrap_err();
        let error = format!("{error:?}");
        assert!(error.contains(expected), "{error}");
    }
    for (payload, expected) in [
        (&b"\x80\x05K\x01."[..], "a pickle"),
        (b"PK\x03\x04rest", "a zip archive"),
        (b"", "the payload is cut: it ends after 0 bytes"),
        (b"\x93NUMP", "the payload is cut: it ends after 5 bytes"),
        (b"\x93NUMPX\x01\0", "no npy array"),
    ] {
        let error = deserialize::<Array0<f64>>(&[b"NP\n", payload].concat()).unwrap_err();
        let error = format!("{error:?}");
        assert!(error.contains(expected), "{error}");
    }
}

/// What is read can be written, and is what it was.
#[test]
fn a_unit_is_only_a_unit() {
    for descr in [
        "<M8[']",
        "<M8[s]', 'shape': (0,), 'descr': '<M8[s]",
        "<m8[n s]",
        "<M8[\n]",
        "<m8[s/3]",
        "<M8[S]",
        "<M8[0s]",
    ] {
        let error = DynArray::new(descr, [1], vec![0; 8]).unwrap_err();
        assert!(error.to_string().contains("M8") || error.to_string().contains("m8"), "{error}");
    }
    for descr in ["<M8[25s]", "<m8[2147483647as]", "<M8[generic]", "<M8"] {
        assert!(DynArray::new(descr, [1], vec![0; 8]).is_ok(), "{descr}");
    }
}

/// A name in Latin-1 is longer in UTF-8.
#[test]
fn a_description_is_within_its_limit_in_every_encoding() {
    let header = [
        b"{'descr': [('",
        &vec![0xe9; 600_000][..],
        b"', '<f8')], 'fortran_order': False, 'shape': (1,), }\n",
    ]
    .concat();
    let length = u32::try_from(header.len()).unwrap().to_le_bytes();
    let frame = [&b"NP\n\x93NUMPY\x02\0"[..], &length, &header, &[0; 8]].concat();
    let error = format!("{:?}", deserialize::<DynArray>(&frame).unwrap_err());
    assert!(error.contains("1048576"), "{error}");
}
