//! Elements of arrays, made of bytes at any address.

use bytemuck::NoUninit;
use half::f16;
use ndarray::{Array1, ArrayView1, CowArray, Ix1};
use num_complex::Complex;
use ps_serialize::array::Element;
use ps_serialize::{deserialize, serialize};

use crate::{LARGE, pattern, placed};

/// The elements that these bytes are.
fn array<T: NoUninit>(data: &[u8], of: impl Fn(&[u8]) -> T) -> Array1<T> {
    data.chunks_exact(size_of::<T>()).map(of).collect()
}

fn check<T>(of: impl Fn(&[u8]) -> T + Copy, large: &[usize])
where
    T: Element + NoUninit,
{
    let size = size_of::<T>();
    let all = pattern(LARGE + 3 * size);
    let bytes = |array: &[T]| bytemuck::cast_slice::<T, u8>(array).to_vec();
    for count in [0, 1, 2, 7, 130] {
        let array = array(&all[..count * size], of);
        let frame = serialize(&array).unwrap();
        for offset in 0..64 {
            let frame = placed(&frame, offset);
            let data = bytes(array.as_slice().unwrap());
            assert!(frame.ends_with(&data));
            let owned: Array1<T> = deserialize(&frame).unwrap();
            assert_eq!(bytes(owned.as_slice().unwrap()), data);
            let viewed: CowArray<'_, T, Ix1> = deserialize(&frame).unwrap();
            assert_eq!(bytes(viewed.as_slice().unwrap()), data);
            let aligned = (frame.as_ptr().addr() + frame.len()).is_multiple_of(align_of::<T>());
            match deserialize::<ArrayView1<'_, T>>(&frame) {
                Ok(viewed) => assert_eq!(bytes(viewed.as_slice().unwrap()), data),
                Err(_) => assert!(!aligned),
            }
        }
    }
    let array = array(&all, of);
    let data = bytemuck::cast_slice::<T, u8>(array.as_slice().unwrap());
    let frame = serialize(&array).unwrap();
    assert!(frame[frame.len() - data.len()..] == *data);
    for offset in large {
        let owned: Array1<T> = deserialize(&placed(&frame, *offset)).unwrap();
        assert!(bytes(owned.as_slice().unwrap()) == data, "at {offset}");
        // Not as many bytes as the shape says.
        let short = placed(&frame[..frame.len() - 1], *offset);
        assert!(deserialize::<Array1<T>>(&short).is_err());
        let long = placed(&[&frame, &b"\0"[..]].concat(), *offset);
        assert!(deserialize::<Array1<T>>(&long).is_err());
    }
}

#[test]
fn elements_of_one_byte() {
    check(|bytes| bytes[0], &[63]);
}

#[test]
fn elements_of_two_bytes() {
    check(|bytes| f16::from_ne_bytes(bytes.try_into().unwrap()), &[1, 2]);
}

#[test]
fn elements_of_four_bytes() {
    check(|bytes| i32::from_ne_bytes(bytes.try_into().unwrap()), &[0, 2, 3]);
}

#[test]
fn elements_of_eight_bytes() {
    check(|bytes| f64::from_ne_bytes(bytes.try_into().unwrap()), &[0, 1, 5, 12, 63]);
}

#[test]
fn elements_of_sixteen_bytes() {
    let of = |bytes: &[u8]| f64::from_ne_bytes(bytes.try_into().unwrap());
    check(|bytes| Complex::new(of(&bytes[..8]), of(&bytes[8..])), &[0, 8, 21, 33]);
}

#[test]
fn another_byte_than_zero_and_one_is_no_bool_as_it_stands_wherever_it_is() {
    check(|bytes| bytes[0] % 2 == 1, &[7]);
    let frame = serialize(&Array1::from_elem(LARGE + 1, true)).unwrap();
    let mut wrong = frame.to_vec();
    *wrong.last_mut().unwrap() = 2;
    let read: Array1<bool> = deserialize(&placed(&wrong, 3)).unwrap();
    assert!(
        bytemuck::cast_slice::<bool, u8>(read.as_slice().unwrap()).iter().all(|byte| *byte == 1)
    );
    assert!(deserialize::<ArrayView1<'_, bool>>(&placed(&wrong, 3)).is_err());
    let first = frame.len() - LARGE - 1;
    wrong[first] = 0xff;
    assert!(deserialize::<ArrayView1<'_, bool>>(&placed(&wrong, 3)).is_err());
}
