//! Arrays: owned, borrowed, of a type that is known and of any.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ndarray::{Array2, ArrayD, ArrayView1, ArrayViewD, CowArray, IxDyn};
use num_complex::Complex;
use ps_serialize::array::DynArray;
use ps_serialize::{deserialize, deserialize_any};
use ps_serialize_fuzz::{framed, read};

fuzz_target!(|frame: &[u8]| {
    let array = read::<DynArray>(frame);
    let Some(frame) = framed::<DynArray>(frame) else { return };
    assert_eq!(deserialize::<DynArray>(&frame).ok(), array);
    let any = deserialize_any(&frame);
    // The bytes of an array may be no `bool`s.
    assert!(array.is_none_or(|array| any.is_ok() || array.item_size() == 1));
    let _ = deserialize::<ArrayD<f64>>(&frame);
    let _ = deserialize::<ArrayD<bool>>(&frame);
    let _ = deserialize::<Array2<Complex<f32>>>(&frame);
    let _ = deserialize::<ArrayViewD<f64>>(&frame);
    let _ = deserialize::<ArrayView1<bool>>(&frame);
    let _ = deserialize::<CowArray<i32, IxDyn>>(&frame);
});
