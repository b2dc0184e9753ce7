//! Tensors of every type, with any names and texts.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use ps_serialize::tensors::{Dtype, Tensor, Tensors};
use ps_serialize::{deserialize, deserialize_any, parts, serialize};

const DTYPES: [Dtype; 22] = [
    Dtype::BOOL,
    Dtype::F4,
    Dtype::F6_E2M3,
    Dtype::F6_E3M2,
    Dtype::U8,
    Dtype::I8,
    Dtype::F8_E5M2,
    Dtype::F8_E4M3,
    Dtype::F8_E8M0,
    Dtype::F8_E4M3FNUZ,
    Dtype::F8_E5M2FNUZ,
    Dtype::I16,
    Dtype::U16,
    Dtype::F16,
    Dtype::BF16,
    Dtype::I32,
    Dtype::U32,
    Dtype::F32,
    Dtype::C64,
    Dtype::F64,
    Dtype::I64,
    Dtype::U64,
];

/// A tensor of up to 70 dimensions: safetensors has no limit, and neither side sets one.
fn tensor() -> impl Strategy<Value = Tensor<'static>> {
    let length = prop_oneof![1 => Just(0), 20 => Just(1), 2 => Just(2), 1 => Just(8)];
    let dimensions = prop_oneof![3 => 0..4_usize, 1 => 4..70_usize];
    let shape = dimensions.prop_flat_map(move |dimensions| vec(length.clone(), dimensions));
    (select(DTYPES.to_vec()), shape).prop_map(|(dtype, mut shape)| {
        // Elements of 4 and 6 bits must fill whole bytes, and the data must stay small.
        let mut elements = 1;
        for length in &mut shape {
            if *length * elements > 4096 {
                *length = 1;
            }
            elements *= (*length).max(1);
        }
        shape.insert(0, 4);
        let bits = shape.iter().product::<usize>() * dtype.bitsize();
        let data: Vec<u8> = (0..=250).cycle().take(bits / 8).collect();
        Tensor::new(dtype, shape, data).unwrap()
    })
}

fn names() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[a-z.]{0,4}", Just("__metadata__".to_owned())]
}

proptest! {
    #[test]
    fn tensors_are_read_back(
        named in btree_map(names(), tensor(), 0..6),
        texts in btree_map(any::<String>(), any::<String>(), 0..4),
    ) {
        let mut model = Tensors::new();
        for (name, tensor) in &named {
            model.insert(name.clone(), tensor.clone());
        }
        *model.metadata_mut() = texts.clone();
        let frame = match serialize(&model) {
            Ok(frame) => frame,
            Err(error) => {
                let text = format!("{error:?}");
                prop_assert!(named.contains_key("__metadata__"), "{}", text);
                prop_assert!(text.contains("a tensor can't be called `__metadata__`"), "{}", text);
                return Ok(());
            }
        };
        prop_assert!(!named.contains_key("__metadata__"));
        let back: Tensors = deserialize(&frame)?;
        let read: BTreeMap<_, _> = back.iter().map(|(name, t)| (name.to_owned(), t.clone())).collect();
        prop_assert_eq!(read, named);
        prop_assert_eq!(back.metadata(), &texts);
        prop_assert_eq!(&deserialize::<Tensors>(&frame)?, &model);
        prop_assert_eq!(&deserialize::<Tensors>(&frame)?, &model);
        let any = deserialize_any(&frame)?;
        prop_assert_eq!(any.downcast_ref::<Tensors>(), Some(&model));
        prop_assert_eq!(parts(&model)?.to_bytes(), &frame);
    }
}

#[cfg(feature = "ndarray")]
#[test]
fn every_byte_but_zero_of_a_tensor_is_a_bool_that_is_true() {
    for bytes in [&[0, 255, 255, 0][..], &[1, 0, 2], &[0, 1], &[128; 40]] {
        let tensor = Tensor::borrowed(Dtype::BOOL, [bytes.len()], bytes).unwrap();
        let array = tensor.as_array().unwrap();
        let expected: ndarray::Array1<bool> = bytes.iter().map(|byte| *byte != 0).collect();
        assert_eq!(array.to_array::<bool>().unwrap(), expected.into_dyn());
        assert_eq!(array.as_view::<bool>().is_err(), bytes.iter().any(|byte| *byte > 1));
    }
}

#[cfg(feature = "ndarray")]
#[test]
fn a_tensor_of_more_dimensions_than_numpy_has_is_no_array() {
    for (dimensions, fits) in [(0, true), (63, true), (64, true), (65, false), (200, false)] {
        let tensor = Tensor::new(Dtype::U8, vec![1; dimensions], vec![7]).unwrap();
        assert_eq!(tensor.as_array().is_ok(), fits, "{dimensions}");
    }
}
