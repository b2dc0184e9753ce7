//! Arrays of every element type, order and number of dimensions, and views of them.

use std::fmt::Debug;

use half::f16;
use ndarray::{ArrayD, ArrayViewD, Axis, CowArray, IxDyn, ShapeBuilder, Slice};
use num_complex::Complex;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use ps_serialize::array::{DynArray, Element};
use ps_serialize::{ErrorKind, deserialize, deserialize_any, parts, serialize};

/// NumPy's limit of dimensions.
const MAX_DIMENSIONS: usize = 64;

/// The lengths of up to 67 dimensions, with few elements.
pub(crate) fn shape() -> impl Strategy<Value = Vec<usize>> {
    let length = prop_oneof![1 => Just(0), 20 => Just(1), 4 => 2..5_usize];
    let dimensions = prop_oneof![3 => 0..5_usize, 1 => 5..63_usize, 1 => 63..67_usize];
    dimensions.prop_flat_map(move |dimensions| vec(length.clone(), dimensions)).prop_map(
        |mut shape| {
            let mut elements = 1;
            for length in &mut shape {
                if *length * elements > 300 {
                    *length = 1;
                }
                elements *= (*length).max(1);
            }
            shape
        },
    )
}

/// How an array is viewed: the step of each axis, backward if it is negative, and whether the order of the
/// axes is reversed.
fn look() -> impl Strategy<Value = (Vec<isize>, bool)> {
    (vec(select(vec![1_isize, 1, 1, -1, 2, -3]), MAX_DIMENSIONS + 3), any::<bool>())
}

fn assert_same<A: Element + Debug>(found: &ArrayViewD<'_, A>, expected: &ArrayViewD<'_, A>) {
    assert_eq!(found.shape(), expected.shape());
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(bytemuck::bytes_of(found), bytemuck::bytes_of(expected));
    }
}

fn is_read_back<A: Element + Debug>(array: &ArrayViewD<'_, A>) {
    let frame = match serialize(array) {
        Ok(frame) => frame,
        Err(error) => return assert_refused(&error, array.ndim()),
    };
    assert!(array.ndim() <= MAX_DIMENSIONS);
    assert_eq!(parts(array).unwrap().to_bytes(), frame);
    assert_same(&deserialize::<ArrayD<A>>(&frame).unwrap().view(), array);
    assert_same(&deserialize::<CowArray<'_, A, IxDyn>>(&frame).unwrap().view(), array);
    assert_same(&deserialize::<ArrayViewD<'_, A>>(&frame).unwrap(), array);
    let any = deserialize_any(&frame).unwrap().downcast::<ArrayD<A>>().unwrap();
    assert_same(&any.view(), array);
    let dynamic: DynArray = deserialize(&frame).unwrap();
    assert_same(&dynamic.to_array::<A>().unwrap().view(), array);
    assert_same(&dynamic.as_view::<A>().unwrap(), array);
    assert_eq!(serialize(&dynamic).unwrap(), frame);
}

/// Asserts that the number of dimensions is the reason for the error.
fn assert_refused(error: &ps_serialize::Error, dimensions: usize) {
    let text = format!("{error:?}");
    assert!(dimensions > MAX_DIMENSIONS, "{text}");
    assert!(text.contains("number of dimensions of an array: the limit is 64"), "{text}");
}

fn is_read_back_however_it_is_seen<A: Element + Debug>(
    shape: &[usize],
    fortran_order: bool,
    (steps, reversed): &(Vec<isize>, bool),
    element: impl Fn(u8) -> A,
) {
    let elements = shape.iter().product::<usize>();
    let elements = (0..elements).map(|i| element(u8::try_from(i % 251).unwrap())).collect();
    let shape = IxDyn(shape).set_f(fortran_order);
    let array = ArrayD::from_shape_vec(shape, elements).unwrap();
    is_read_back(&array.view());
    let mut seen = array.view();
    for (axis, step) in steps.iter().enumerate().take(seen.ndim()) {
        seen.slice_axis_inplace(Axis(axis), Slice::new(0, None, *step));
    }
    is_read_back(&if *reversed { seen.reversed_axes() } else { seen });
    if array.ndim() > 0 && array.len_of(Axis(0)) == 1 {
        let mut shape = array.shape().to_vec();
        shape[0] = 3;
        is_read_back(&array.broadcast(IxDyn(&shape)).unwrap());
    }
}

/// Names of element types, and structured types with names of fields that are any text.
fn descr() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        "[<>=|]?(b1|[iu][1248]|f2|f4|f8|f12|f16|c8|c16|c24|c32)",
        "[<>=|]?[SUVa][0-9]{1,2}",
        "[<>=|]?[mM]8(\\[([1-9][0-9]{0,3})?(Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as)\\]|\\[generic\\])?",
        select(vec!["?", "bool", "int8", "q", "e", "float64", "D", "M", "S", "U", "V"])
            .prop_map(str::to_owned),
    ];
    // The name is quoted as Python's `repr` quotes it.
    let quoted = any::<String>().prop_map(|name| {
        let escaped = name.replace('\\', "\\\\").replace('\'', "\\'").replace('\0', "\\x00");
        format!("'{}'", escaped.replace('\n', "\\n").replace('\r', "\\r"))
    });
    let quoted_name = name.clone().prop_map(|name| format!("'{name}'"));
    let nested = quoted_name.prop_recursive(3, 12, 4, move |inner| {
        let field = (quoted.clone(), inner, prop_oneof![Just(""), Just(", (2, 1)"), Just(", 3")]);
        vec(field.prop_map(|(name, ty, shape)| format!("({name}, {ty}{shape})")), 0..4)
            .prop_map(|fields| format!("[{}]", fields.join(", ")))
    });
    prop_oneof![name, nested.prop_map(|ty| ty.trim_matches('\'').to_owned())]
}

fn dynamic_is_read_back(array: &DynArray<'_>) {
    let frame = serialize(array).unwrap();
    assert_eq!(deserialize::<DynArray>(&frame).unwrap(), *array);
    assert_eq!(deserialize::<DynArray>(&frame).unwrap(), *array);
    assert_eq!(parts(array).unwrap().to_bytes(), frame);
    deserialize_any(&frame).unwrap();
    #[cfg(feature = "pickle")]
    if !array.descr().starts_with('[') {
        use ps_serialize::pickle::Value;

        let value = Value::from(array.clone());
        let Value::Array(back) = deserialize(&serialize(&value).unwrap()).unwrap() else {
            panic!("an array is read as another value")
        };
        assert_eq!((back.shape(), back.data()), (array.shape(), array.data()));
        assert_eq!(back.is_fortran_order(), array.is_fortran_order());
    }
}

/// An array of this type with as much data as it needs, or `None` if that is too much.
fn filled(descr: &str, shape: &[usize], fortran_order: bool) -> Option<DynArray<'static>> {
    let item_size = DynArray::new(descr, [0], vec![]).ok()?.item_size();
    let size = shape.iter().product::<usize>() * item_size;
    if size > 1 << 20 {
        return None;
    }
    let data: Vec<u8> = (0..=250).cycle().take(size).collect();
    match DynArray::new(descr.to_owned(), shape, data) {
        Ok(array) if fortran_order => Some(array.with_fortran_order()),
        Ok(array) => Some(array),
        Err(error) => {
            assert_refused(&error, shape.len());
            None
        }
    }
}

proptest! {
    #[test]
    fn arrays_are_read_back(shape in shape(), fortran_order: bool, look in look()) {
        macro_rules! check {
            ($($element:expr),*) => {
                $(is_read_back_however_it_is_seen(&shape, fortran_order, &look, $element);)*
            };
        }
        check!(
            |i| i % 2 == 1, u8::cast_signed, |i| -i16::from(i), |i| i32::from(i) << 20,
            |i| i64::from(i) << 50, |i| i, |i| u16::from(i) * 200, |i| u32::from(i) << 24,
            |i| u64::from(i) << 56, |i| f16::from_bits(u16::from(i) << 8),
            |i| f32::from_bits(u32::from(i) << 24), |i| f64::from_bits(u64::from(i) << 56),
            |i| Complex::new(f32::from(i), f32::NAN), |i| Complex::new(f64::from(i), -0.0)
        );
    }

    #[test]
    fn arrays_of_every_description_are_read_back(
        descr in descr(), shape in shape(), fortran_order: bool,
    ) {
        // A type may have two fields of one name, which NumPy refuses.
        if let Some(array) = filled(&descr, &shape, fortran_order) {
            dynamic_is_read_back(&array);
        } else {
            let error = DynArray::new(descr.clone(), [0], vec![]).err();
            let twice = error.is_some_and(|error| error.to_string().contains("two fields"));
            let large = shape.iter().product::<usize>() > 100;
            prop_assert!(twice || large || shape.len() > MAX_DIMENSIONS, "{}", descr);
        }
    }

    #[test]
    fn what_is_taken_for_a_description_is_read_back(
        descr in prop_oneof![
            any::<String>(),
            "\\[([\\[\\](),'\"\\\\ \n\t<|fiUSM8x0-9aé\0]|\\('a', '<f8'\\)){0,12}\\]?[ \n]{0,2}",
            "[<|]?[mMSUVb][0-9]{0,30}(\\[[a-zA-Z0-9/]{0,60}\\])?",
        ],
        length in 0..3_usize,
    ) {
        if let Some(array) = filled(&descr, &[length], false) {
            dynamic_is_read_back(&array);
        }
    }
}

#[test]
fn the_last_number_of_dimensions_that_is_written_is_read() {
    for dimensions in [0, 1, 32, 33, 63, 64] {
        let array = ArrayD::from_elem(IxDyn(&vec![1; dimensions]), 7_u8);
        assert_eq!(deserialize::<ArrayD<u8>>(&serialize(&array).unwrap()).unwrap(), array);
    }
    for dimensions in [65, 66, 200] {
        let array = ArrayD::from_elem(IxDyn(&vec![1; dimensions]), 7_u8);
        for error in [
            serialize(&array).unwrap_err(),
            serialize(&array.view()).unwrap_err(),
            parts(&array).unwrap_err(),
            DynArray::new("|u1", vec![1; dimensions], vec![7]).unwrap_err(),
        ] {
            let limit = match error.kind() {
                ErrorKind::Serialize { source, .. } => source.to_string(),
                _ => error.to_string(),
            };
            let expected = format!("the limit is 64, and this is {dimensions} or more");
            assert!(limit.ends_with(&expected), "{error:?}");
        }
    }
}

#[cfg(feature = "pickle")]
#[test]
fn an_array_in_a_pickle_has_no_more_dimensions_than_one_that_is_written() {
    use ps_serialize::pickle::Value;

    let value = DynArray::new("|u1", vec![1; MAX_DIMENSIONS], vec![7]).unwrap();
    let value = Value::from(value);
    let frame = serialize(&value).unwrap();
    assert_eq!(deserialize::<Value>(&frame).unwrap(), value);

    let lengths = b"\x8a\x01\x01".repeat(MAX_DIMENSIONS);
    let place = frame.windows(lengths.len()).position(|bytes| bytes == lengths).unwrap();
    for more in [1, 2, 100] {
        let (before, after) = frame.split_at(place);
        let longer = [before, &b"\x8a\x01\x01".repeat(more), after].concat();
        let error = format!("{:?}", deserialize::<Value>(&longer).unwrap_err());
        let expected = format!("the limit is 64, and this is {} or more", MAX_DIMENSIONS + more);
        assert!(error.contains(&expected), "{error}");
    }
}
