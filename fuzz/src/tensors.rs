//! Named tensors.

use arbitrary::{Result, Unstructured};
use ps_serialize::tensors::{Dtype, Tensor, Tensors};

use crate::arrays;

const DTYPES: [Dtype; 14] = [
    Dtype::BOOL,
    Dtype::U8,
    Dtype::I8,
    Dtype::I16,
    Dtype::U16,
    Dtype::F16,
    Dtype::BF16,
    Dtype::F8_E4M3,
    Dtype::I32,
    Dtype::F32,
    Dtype::U64,
    Dtype::F64,
    Dtype::C64,
    Dtype::F4,
];

pub fn tensors(u: &mut Unstructured<'_>) -> Result<Tensors<'static>> {
    let mut tensors = Tensors::new();
    for _ in 0..u.int_in_range(0..=8)? {
        let name: String = u.arbitrary()?;
        let dtype = *u.choose(&DTYPES)?;
        let mut shape: Vec<usize> =
            (0..u.int_in_range(0..=4)?).map(|_| u.int_in_range(0..=9)).collect::<Result<_>>()?;
        if dtype.bitsize() < 8 {
            shape.push(8);
        }
        let size = shape.iter().product::<usize>() * dtype.bitsize() / 8;
        let tensor = Tensor::new(dtype, shape, arrays::bytes(u, size)?);
        if name != "__metadata__" {
            tensors.insert(name, tensor.expect("it has the right size"));
        }
    }
    for _ in 0..u.int_in_range(0..=3)? {
        tensors.metadata_mut().insert(u.arbitrary()?, u.arbitrary()?);
    }
    Ok(tensors)
}
