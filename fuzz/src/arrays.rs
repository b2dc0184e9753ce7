//! Arrays of every element type, with the strides that slicing gives them.

use std::fmt::Debug;

use arbitrary::{Result, Unstructured};
use bytemuck::NoUninit;
use half::f16;
use ndarray::{ArrayD, ArrayViewD, Axis, CowArray, Dimension, IxDyn, ShapeBuilder, Slice};
use num_complex::Complex;
use ps_serialize::array::{DynArray, Element};
use ps_serialize::{deserialize, deserialize_any, parts, serialize, serialize_any};

/// A shape that mostly has few elements.
fn shape(u: &mut Unstructured<'_>) -> Result<Vec<usize>> {
    let dimensions = u.int_in_range(0..=6)?;
    let mut room: usize = 4096;
    (0..dimensions)
        .map(|_| {
            let length = u.int_in_range(0..=room.min(40))?;
            room /= length.max(1);
            Ok(length)
        })
        .collect()
}

/// An array of any type that a name or a literal can describe.
pub fn dynamic(u: &mut Unstructured<'_>) -> Result<DynArray<'static>> {
    let order = u.choose(&["<", ">", "|", "="])?;
    let name = match u.int_in_range(0..=4)? {
        0 => format!("S{}", u.int_in_range(0..=9)?),
        1 => format!("U{}", u.int_in_range(0..=3)?),
        2 => format!("V{}", u.int_in_range(0..=9)?),
        3 => format!(
            "{}8[{}{}]",
            u.choose(&["m", "M"])?,
            u.int_in_range(1..=u8::MAX)?,
            u.choose(&["s", "ns", "D"])?
        ),
        _ => (*u.choose(&["b1", "i1", "i8", "u2", "f2", "f4", "f8", "f16", "c8", "c16", "c32"])?)
            .to_owned(),
    };
    let descr = if u.ratio(1, 4)? {
        format!("[('a', '{order}{name}'), ('µ', '<f8', (2,)), ('', '|u1')]")
    } else {
        format!("{order}{name}")
    };
    let item_size = match DynArray::new(descr.clone(), [0], &[][..]) {
        Ok(empty) => empty.item_size(),
        Err(error) => panic!("{descr}: {error:?}"),
    };
    let shape = shape(u)?;
    let size = item_size * shape.iter().product::<usize>();
    let mut data = bytes(u, size)?;
    if name == "b1" {
        data.iter_mut().for_each(|byte| *byte &= 1);
    }
    let array = DynArray::new(descr, shape, data).expect("it has the right size");
    Ok(if u.arbitrary()? { array.with_fortran_order() } else { array })
}

/// Makes as many bytes as are asked for, however few are left of the input.
pub fn bytes(u: &mut Unstructured<'_>, size: usize) -> Result<Vec<u8>> {
    let some = u.bytes(size.min(u.len()).min(256))?;
    let some = if some.is_empty() { &[7] } else { some };
    Ok(some.iter().copied().cycle().take(size).collect())
}

/// An array of some element type.
pub fn typed(u: &mut Unstructured<'_>) -> Result<()> {
    match u.int_in_range(0..=13)? {
        0 => strided(u, |bits| bits % 2 == 1),
        1 => strided(u, |bits| bits as i8),
        2 => strided(u, |bits| bits as i16),
        3 => strided(u, |bits| bits as i32),
        4 => strided(u, |bits| bits as i64),
        5 => strided(u, |bits| bits as u8),
        6 => strided(u, |bits| bits as u16),
        7 => strided(u, |bits| bits as u32),
        8 => strided(u, |bits| bits),
        9 => strided(u, |bits| f16::from_bits(bits as u16)),
        10 => strided(u, |bits| f32::from_bits(bits as u32)),
        11 => strided(u, f64::from_bits),
        12 => strided(u, |bits| {
            Complex::new(f32::from_bits(bits as u32), f32::from_bits(!bits as u32))
        }),
        _ => strided(u, |bits| Complex::new(f64::from_bits(bits), f64::from_bits(!bits))),
    }
}

fn strided<A: Element + Debug>(u: &mut Unstructured<'_>, element: fn(u64) -> A) -> Result<()> {
    let shape = shape(u)?;
    let bytes = bytes(u, 8 * shape.iter().product::<usize>())?;
    let elements = bytes.as_chunks().0.iter().map(|bits| element(u64::from_le_bytes(*bits)));
    let shape = IxDyn(&shape).set_f(u.arbitrary()?);
    let array = ArrayD::from_shape_vec(shape, elements.collect()).expect("they are as many");
    let mut part = array.view();
    for axis in 0..part.ndim() {
        let length = isize::try_from(part.len_of(Axis(axis))).expect("it is small");
        let start = u.int_in_range(0..=length)?;
        let end = u.int_in_range(start..=length)?;
        let step = *u.choose(&[1, 1, 2, -1, -3])?;
        part.slice_axis_inplace(Axis(axis), Slice::new(start, Some(end), step));
        part.swap_axes(axis, u.choose_index(axis + 1)?);
    }
    check(part);
    Ok(())
}

fn check<A: Element + Debug>(array: ArrayViewD<'_, A>) {
    let frame = serialize(&array).expect("every array can be written");
    assert_eq!(parts(&array).expect("every array can be written").to_bytes(), frame);
    let owned: ArrayD<A> = deserialize(&frame).expect("what was written can be read");
    assert_same(&owned.view(), &array);
    assert_same(&deserialize(&frame).expect("it is aligned"), &array);
    let any = deserialize_any(&frame).expect("what was written can be read");
    assert_same(&any.downcast_ref::<ArrayD<A>>().expect("it says its type").view(), &array);
    let dynamic: DynArray<'_> = deserialize(&frame).expect("what was written can be read");
    assert_same(&dynamic.to_array().expect("it is of this type").view(), &array);
    assert_eq!(serialize(&dynamic).expect("every array can be written"), frame);
    serialize_any(&owned).expect("every array can be written");

    let misaligned = [b"x", &frame[..]].concat();
    let copied: CowArray<'_, A, IxDyn> = deserialize(&misaligned[1..]).expect("it is copied");
    assert_same(&copied.view(), &array);
}

/// NaNs too are the same if their bytes are.
fn assert_same<A: NoUninit + Debug, D: Dimension>(
    one: &ndarray::ArrayView<'_, A, D>,
    other: &ndarray::ArrayView<'_, A, D>,
) {
    assert_eq!(one.shape(), other.shape());
    let same = |(one, other)| bytemuck::bytes_of::<A>(one) == bytemuck::bytes_of::<A>(other);
    assert!(one.iter().zip(other).all(same), "{one:?} and {other:?}");
}
