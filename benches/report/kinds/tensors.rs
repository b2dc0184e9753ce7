use std::hint::black_box;
use std::rc::Rc;

use ps_serialize::tensors::{Dtype, Tensor, Tensors};
use ps_serialize::{deserialize, serialize};
use ps_serialize_benches::bytes;
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;

use super::{Cell, Cells, GIB, Kind, Prepared};
use crate::measure::Contender;
use crate::measure::Direction::{Read, Write};
use crate::measure::Family::{Ours, Rust};

pub(super) const KIND: Kind = Kind {
    name: "tensors",
    about: "Four tensors of bf16, as of a model; arrays of u16 by their names in Python's NumPy.",
    cells: Cells::Sizes { most: GIB },
    prepare,
};

const TENSORS: usize = 4;

fn prepare(cell: &Cell) -> Prepared {
    let each = cell.bytes / TENSORS;
    let data = Rc::new(bytes(each));
    let mut model = Tensors::new();
    for i in 0..TENSORS {
        let tensor = Tensor::new(Dtype::BF16, [each / 64, 32], data.to_vec()).unwrap();
        model.insert(format!("layer {i}"), tensor);
    }
    let model = Rc::new(model);
    let frame = serialize(&*model).unwrap();
    let mut contenders = Vec::new();
    super::floor(&Rc::new(data.repeat(TENSORS)), &mut contenders);
    super::ours(&model, &mut contenders);
    super::shared::<Tensors>(&frame, &mut contenders);
    let f = frame.clone();
    let borrow = move || deserialize::<Tensors>(black_box(&f)).unwrap().len();
    contenders.push(Contender::new((Ours, Read), "borrowed", borrow));

    let d = Rc::clone(&data);
    let write = move || {
        let tensor = TensorView::new(safetensors::Dtype::BF16, vec![each / 64, 32], &d).unwrap();
        let named = (0..TENSORS).map(|i| (format!("layer {i}"), &tensor));
        safetensors::serialize(black_box(named), None).unwrap()
    };
    contenders.push(Contender::new((Rust, Write), "safetensors", write));
    let file = frame.slice(frame.len() - payload(&frame)..);
    let read = move || SafeTensors::deserialize(black_box(&file)).unwrap().len();
    contenders.push(Contender::new((Rust, Read), "safetensors, view", read));
    Prepared { contenders, bytes: each * TENSORS, frame: Some(frame), written: None }
}

fn payload(frame: &[u8]) -> usize {
    ps_serialize::Frame::parse(frame).unwrap().payload().len()
}
