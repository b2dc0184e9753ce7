//! `ST`: the order of tensors and the padding of the header are ours, and promised.

use ps_serialize::tensors::{Dtype, Tensor, Tensors};

use super::Golden;

pub(crate) fn all() -> Vec<Golden> {
    let mut model = Tensors::new();
    for (name, dtype, bytes) in [
        ("weights", Dtype::F32, 24),
        ("größe\n", Dtype::BF16, 6),
        ("scale", Dtype::F8_E4M3, 3),
        ("a", Dtype::F64, 16),
        ("step", Dtype::I64, 8),
        ("mask", Dtype::BOOL, 1),
        ("none", Dtype::U16, 0),
        ("phase", Dtype::C64, 8),
    ] {
        let data: Vec<u8> = (0..bytes).map(|i| i % 2).collect();
        let elements = usize::from(bytes) * 8 / dtype.bitsize();
        model.insert(name, Tensor::new(dtype, [elements, 1], data).unwrap());
    }
    model.metadata_mut().insert("format".to_owned(), "pt".to_owned());
    model.metadata_mut().insert("\"é\"".to_owned(), String::new());
    vec![Golden::new("tensors", model), Golden::new("tensors-none", Tensors::new())]
}
