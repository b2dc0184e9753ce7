use std::hint::black_box;
use std::rc::Rc;

use ndarray::Array1;
use ps_serialize::{deserialize, serialize};
use ps_serialize_benches::{bytes, numbers};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use super::{Cell, Cells, GIB, Kind, MOST_FOR_CODECS, Prepared};
use crate::codecs::{codecs, fory};
use crate::measure::Contender;
use crate::measure::Direction::{Read, Write};
use crate::measure::Family::{Ours, Rust};
use crate::values::{Measurement, MeasurementView, SharedMeasurement, WithSerdeBytes};

pub(super) const KIND: Kind = Kind {
    name: "records-with-arrays",
    about: "One record: an array of f64 and bytes, half of the data each, and five scalars. Other crates know the array as a \
        `Vec<f64>`, and serde's have `serde_bytes` for the bytes. In Python a dictionary, with a NumPy array; ProxyStore makes \
        `PK` of it. Out of band, pickle has the bytes as a `PickleBuffer`.",
    cells: Cells::Sizes { most: GIB },
    prepare,
};

fn prepare(cell: &Cell) -> Prepared {
    let value = Rc::new(Measurement::sample(cell.bytes));
    let frame = serialize(&*value).unwrap();
    let mut contenders = Vec::new();
    super::floor(&Rc::new(bytes(cell.bytes)), &mut contenders);
    super::ours(&value, &mut contenders);
    super::shared::<SharedMeasurement>(&frame, &mut contenders);
    let read =
        move || black_box(deserialize::<MeasurementView>(black_box(&frame)).unwrap()).image.len();
    contenders.push(Contender::new((Ours, Read), "view", read));
    safetensors(cell.bytes / 2, &mut contenders);
    if cell.bytes <= MOST_FOR_CODECS {
        super::generic(&Rc::new(value.unmarked()), &mut contenders);
        let value = Rc::new(value.with_serde_bytes());
        super::generic_named("generic route, serde_bytes", &value, &mut contenders);
        let mut registered = fory();
        registered.register::<WithSerdeBytes>(1).unwrap();
        codecs!(WithSerdeBytes, &value, registered, contenders);
    }
    // Python makes the dictionary of it.
    let array = serialize(&Array1::from(numbers(cell.bytes / 16))).unwrap();
    Prepared { contenders, bytes: cell.bytes, frame: Some(array), written: None }
}

/// Each field as a tensor.
fn safetensors(half: usize, contenders: &mut Vec<Contender>) {
    let data = bytes(half);
    let write = move || {
        let tensor = |dtype, shape, data| TensorView::new(dtype, shape, data).unwrap();
        let fields = [
            ("id", tensor(Dtype::U64, vec![], &data[..8])),
            ("time", tensor(Dtype::F64, vec![], &data[..8])),
            ("gain", tensor(Dtype::F64, vec![], &data[..8])),
            ("exposure", tensor(Dtype::U32, vec![], &data[..4])),
            ("valid", tensor(Dtype::BOOL, vec![], &data[..1])),
            ("samples", tensor(Dtype::F64, vec![half / 8], &data)),
            ("image", tensor(Dtype::U8, vec![half], &data)),
        ];
        safetensors::serialize(black_box(fields), None).unwrap()
    };
    let file = write();
    let size = file.len();
    contenders.push(Contender::new((Rust, Write), "safetensors", write).of(size));
    let read = move || SafeTensors::deserialize(black_box(&file)).unwrap().len();
    contenders.push(Contender::new((Rust, Read), "safetensors, view", read).of(size));
}
