//! The bars of arrays: f64, beside a memory copy and the crates that read and write `.npy`.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Duration;

use ndarray::{Array1, Array2, ArrayView1, s};
use ndarray_npy::{ReadNpyExt, ViewNpyExt, WriteNpyExt};
use ps_serialize::{deserialize, parts, serialize, serialize_into, view};
use ps_serialize_benches::bars::Measure::{Ratio, Time};
use ps_serialize_benches::bars::{Bar, Contender, measure, quick, report};
use ps_serialize_benches::numbers;

const SMALL: usize = (1 << 10) / 8;
const LARGE: usize = (100 << 20) / 8;

const SMALL_BARS: [Bar; 4] = [
    Bar { name: "1 KiB `serialize`", limit: 150.0, measure: Time("1 KiB serialize") },
    Bar { name: "1 KiB owned `deserialize`", limit: 150.0, measure: Time("1 KiB deserialize") },
    Bar { name: "1 KiB `parts`", limit: 150.0, measure: Time("1 KiB parts") },
    Bar { name: "1 KiB `view`", limit: 150.0, measure: Time("1 KiB view") },
];

const LARGE_BARS: [Bar; 3] = [
    Bar {
        name: "100 MiB `serialize` over memcpy into touched memory",
        limit: 1.2,
        measure: Ratio { of: "100 MiB serialize", to: "100 MiB memcpy" },
    },
    Bar {
        name: "100 MiB `serialize_into` a kept buffer over the same",
        limit: 1.1,
        measure: Ratio { of: "100 MiB serialize_into", to: "100 MiB memcpy" },
    },
    Bar {
        name: "100 MiB owned `deserialize` over the same",
        limit: 1.3,
        measure: Ratio { of: "100 MiB deserialize", to: "100 MiB memcpy" },
    },
];

/// Leaked, since contenders share it.
fn array(len: usize) -> &'static Array1<f64> {
    Box::leak(Box::new(Array1::from_vec(numbers(len))))
}

macro_rules! contenders {
    ($size:literal, $array:expr) => {{
        let array = $array;
        let frame: &[u8] = serialize(array).unwrap().to_vec().leak();
        let aligned: &[u8] = Box::leak(Box::new(serialize(array).unwrap()));
        let mut npy = Vec::new();
        array.write_npy(&mut npy).unwrap();
        let npy: &[u8] = npy.leak();
        let aligned_npy = &aligned[64..];
        let touched = vec![1.0; array.len()];
        let kept = Vec::new();
        let slice = array.as_slice().unwrap();
        let (touched, kept) = (std::cell::RefCell::new(touched), std::cell::RefCell::new(kept));
        vec![
            Contender::new(concat!($size, " memcpy"), move || {
                touched.borrow_mut().copy_from_slice(black_box(slice));
            }),
            Contender::new(concat!($size, " to_vec"), move || black_box(slice).to_vec()),
            Contender::new(concat!($size, " serialize"), move || {
                serialize(black_box(array)).unwrap()
            }),
            Contender::new(concat!($size, " serialize_into"), move || {
                let mut kept = kept.borrow_mut();
                kept.clear();
                serialize_into(black_box(array), &mut kept).unwrap();
            }),
            Contender::new(concat!($size, " parts"), move || parts(black_box(array)).unwrap()),
            Contender::new(concat!($size, " deserialize"), move || {
                deserialize::<Array1<f64>>(black_box(aligned)).unwrap()
            }),
            Contender::new(concat!($size, " deserialize, misaligned"), move || {
                deserialize::<Array1<f64>>(black_box(frame)).unwrap()
            }),
            Contender::new(concat!($size, " view"), move || {
                view::<ArrayView1<f64>>(black_box(aligned)).unwrap().len()
            }),
            Contender::new(concat!($size, " ndarray-npy write"), move || {
                let mut npy = Vec::new();
                black_box(array).write_npy(&mut npy).unwrap();
                npy
            }),
            Contender::new(concat!($size, " ndarray-npy read"), move || {
                Array1::<f64>::read_npy(black_box(npy)).unwrap()
            }),
            Contender::new(concat!($size, " ndarray-npy view"), move || {
                ArrayView1::<f64>::view_npy(black_box(aligned_npy)).unwrap().len()
            }),
            Contender::new(concat!($size, " npyz read"), move || {
                npyz::NpyFile::new(black_box(npy)).unwrap().into_vec::<f64>().unwrap()
            }),
        ]
    }};
}

fn strided() -> Vec<Contender> {
    let array: &'static Array2<f64> = Box::leak(Box::new(
        array(1 << 20).clone().into_shape_with_order((1 << 10, 1 << 10)).unwrap(),
    ));
    vec![
        Contender::new("4 MiB every other column, serialize", move || {
            serialize(&black_box(array).slice(s![.., ..;2])).unwrap()
        }),
        Contender::new("4 MiB every other column, to a standard layout", move || {
            black_box(array).slice(s![.., ..;2]).as_standard_layout().into_owned()
        }),
        Contender::new("4 MiB half of each row, serialize", move || {
            serialize(&black_box(array).slice(s![.., ..512])).unwrap()
        }),
        Contender::new("4 MiB half of each row, to a standard layout", move || {
            black_box(array).slice(s![.., ..512]).as_standard_layout().into_owned()
        }),
    ]
}

fn main() -> ExitCode {
    let (rounds, moment) =
        if quick() { (21, Duration::from_micros(200)) } else { (301, Duration::from_micros(500)) };
    let mut samples = measure(contenders!("1 KiB", array(SMALL)), rounds, moment);
    let rounds = if quick() { 3 } else { 31 };
    samples.extend(measure(strided(), rounds, moment));
    samples.extend(measure(contenders!("100 MiB", array(LARGE)), rounds, moment));
    report(SMALL_BARS.into_iter().chain(LARGE_BARS), &samples)
}
