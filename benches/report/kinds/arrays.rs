use std::hint::black_box;
use std::rc::Rc;

use ndarray::{Array1, ArrayView1, CowArray, Ix1};
use ndarray_npy::{ReadNpyExt, ViewNpyExt, WriteNpyExt};
use npyz::WriterBuilder;
use ps_serialize::{Frame, deserialize, serialize};
use ps_serialize_benches::numbers;

use super::{Cell, Cells, GIB, Kind, MOST_FOR_CODECS, Prepared};
use crate::measure::Contender;
use crate::measure::Direction::{Read, Write};
use crate::measure::Family::{Ours, Rust};
use crate::values;

pub(super) const KIND: Kind = Kind {
    name: "arrays",
    about: "Arrays of f64 from 0 to 1, one dimension; NumPy's in Python. As Python frames them, an array is misaligned.",
    cells: Cells::Sizes { most: GIB },
    prepare,
};

fn prepare(cell: &Cell) -> Prepared {
    let list = Rc::new(numbers(cell.bytes / 8));
    let array = Rc::new(Array1::from(list.to_vec()));
    let frame = serialize(&*array).unwrap();
    let mut contenders = Vec::new();
    super::floor(&list, &mut contenders);
    super::ours(&array, &mut contenders);
    let f = frame.clone();
    let borrow = move || deserialize::<ArrayView1<f64>>(black_box(&f)).unwrap().len();
    contenders.push(Contender::new((Ours, Read), "borrowed", borrow));
    super::compressed(&array, &mut contenders);
    others(&array, &mut contenders);
    if cell.bytes <= MOST_FOR_CODECS {
        misaligned(&frame, &mut contenders);
        let shape = vec![list.len() as u64];
        let value = Rc::new(values::Array { shape, elements: list.to_vec() });
        super::generic(&value, &mut contenders);
    }
    Prepared { contenders, bytes: 8 * list.len(), frame: Some(frame), written: None }
}

/// Measures frames as Python writes them, whose data follows a line of three bytes.
fn misaligned(frame: &[u8], contenders: &mut Vec<Contender>) {
    let misaligned = Rc::new(Frame::parse(frame).unwrap().to_bytes());
    let f = Rc::clone(&misaligned);
    let read = move || deserialize::<Array1<f64>>(black_box(&f[..])).unwrap();
    contenders.push(Contender::new((Ours, Read), "deserialize, misaligned", read));
    let read = move || deserialize::<CowArray<f64, Ix1>>(black_box(&misaligned[..])).unwrap().len();
    contenders.push(Contender::new((Ours, Read), "borrowed, misaligned", read));
}

fn others(array: &Rc<Array1<f64>>, contenders: &mut Vec<Contender>) {
    let aligned = serialize(&**array).unwrap();
    let npy = aligned.slice(64..);
    let size = npy.len();
    let a = Rc::clone(array);
    let write = move || {
        let mut npy = Vec::new();
        black_box(&*a).write_npy(&mut npy).unwrap();
        npy
    };
    contenders.push(Contender::new((Rust, Write), "ndarray-npy", write).of(size));
    let a = Rc::clone(array);
    let write = move || {
        let mut npy = Vec::new();
        let options = npyz::WriteOptions::new().default_dtype().shape(&[a.len() as u64]);
        let mut writer = options.writer(&mut npy).begin_nd().unwrap();
        writer.extend(black_box(&*a)).unwrap();
        writer.finish().unwrap();
        npy
    };
    contenders.push(Contender::new((Rust, Write), "npyz", write).of(size));
    let n = npy.clone();
    let read = move || Array1::<f64>::read_npy(black_box(&*n)).unwrap();
    contenders.push(Contender::new((Rust, Read), "ndarray-npy", read).of(size));
    let n = npy.clone();
    let read = move || npyz::NpyFile::new(black_box(&*n)).unwrap().into_vec::<f64>().unwrap();
    contenders.push(Contender::new((Rust, Read), "npyz", read).of(size));
    let borrow = move || ArrayView1::<f64>::view_npy(black_box(&npy)).unwrap().len();
    contenders.push(Contender::new((Rust, Read), "ndarray-npy, view", borrow).of(size));
}
