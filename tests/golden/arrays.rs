//! `NP`: the bytes are NumPy's own, after a padded line.

use std::fmt::Debug;

use half::f16;
use ndarray::{Array, Array1, Dimension, ShapeBuilder, arr0, array};
use num_complex::Complex;
use ps_serialize::array::{DynArray, Element};

use super::{Golden, Promise};

fn golden<A: Element + PartialEq + Debug, D: Dimension + 'static>(
    name: &str,
    value: Array<A, D>,
) -> Golden {
    let bytes = if size_of::<A>() == 1 { Promise::Same } else { Promise::of_arrays() };
    Golden { bytes, ..Golden::new(&format!("array-{name}"), value) }
}

pub(crate) fn all() -> Vec<Golden> {
    let six = |shape: ndarray::Shape<ndarray::Ix2>| {
        Array::from_shape_vec(shape, vec![1.0, -0.0, 0.1, 5e-324, f64::INFINITY, -2.5]).unwrap()
    };
    let dates: Vec<u8> =
        [0_i64, 20_000, i64::MIN].iter().flat_map(|day| day.to_le_bytes()).collect();
    let structured = "[('x', '<f8'), ('größe', '|u1', (2,))]";
    vec![
        golden("bool", array![true, false]),
        golden("i8", array![i8::MIN, 1]),
        golden("i16", array![i16::MIN, 1]),
        golden("i32", array![i32::MIN, 1]),
        golden("i64", array![i64::MIN, 1]),
        golden("u8", array![u8::MAX, 1]),
        golden("u16", array![u16::MAX, 1]),
        golden("u32", array![u32::MAX, 1]),
        golden("u64", array![u64::MAX, 1]),
        golden("f16", array![f16::from_f32(1.5), f16::NEG_ZERO]),
        golden("f32", array![0.1_f32, f32::NEG_INFINITY]),
        golden("f64-c-order", six((2, 3).into_shape_with_order())),
        golden("f64-fortran-order", six((2, 3).f())),
        golden("f64-no-dimensions", arr0(2.5)),
        golden("f64-empty", Array::<f64, _>::from_shape_vec((3, 0, 2), vec![]).unwrap()),
        golden("c64", array![Complex::new(1.0_f32, -2.0)]),
        golden("c128", array![Complex::new(0.1, -0.0)]),
        golden("i32-many", Array1::from_iter(0..1000)),
        Golden::new("array-dates", DynArray::new("<M8[D]", [3], dates).unwrap()),
        Golden::new(
            "array-texts",
            DynArray::new("<U1", [2], b"a\0\0\0\x16\x4e\0\0".to_vec()).unwrap(),
        ),
        Golden::new(
            "array-structured",
            DynArray::new(structured, [1], b"\0\0\0\0\0\0\xf0\x3f\x07\x08".to_vec()).unwrap(),
        ),
        Golden::new(
            "array-big-endian-fortran-order",
            DynArray::new(">M8[D]", [2, 2], (0..32).collect::<Vec<u8>>())
                .unwrap()
                .with_fortran_order(),
        ),
    ]
}
