//! The values that records' codecs write too: each derives what all of them ask for.

use std::collections::BTreeMap;

use bitcode::{Decode, Encode};
use fory::{ForyStruct, ForyUnion};
use ndarray::{Array1, ArrayView1};
use ps_serialize::array::DynArray;
use ps_serialize::{Bincode, Deserializable, Payload, Result, Wincode, serializer};
use ps_serialize_benches::{bytes, numbers};
use rkyv::{Archive, Deserialize as Unarchive, Serialize as Archivable};
use serde::{Deserialize, Serialize};
use wincode::{SchemaRead, SchemaWrite};

macro_rules! value {
    ($(#[$meta:meta])* $id:literal / $fast_id:literal / $fast:ident $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty),* }) => {
        $(#[$meta])*
        #[serializer(id = $id)]
        #[derive(
            Archivable, Archive, Clone, Decode, Deserialize, Encode, ForyStruct, SchemaRead,
            SchemaWrite, Serialize, Unarchive,
        )]
        pub(crate) struct $name {
            $($(#[$field_meta])* pub(crate) $field: $type,)*
        }

        #[serializer(id = $fast_id, codec = Wincode)]
        pub(crate) type $fast = Fast<$name>;
    };
}

/// A value that wincode writes.
#[derive(SchemaRead, SchemaWrite)]
pub(crate) struct Fast<T>(pub(crate) T);

value!(
    b"gB" / b"fB" / FastBytes Bytes { bytes: Vec<u8> }
);
value!(
    b"gT" / b"fT" / FastText Text { text: String }
);
value!(
    b"gF" / b"fF" / FastFloats Floats { numbers: Vec<f64> }
);
value!(
    b"gR" / b"fR" / FastRecords Records { records: Vec<Record> }
);
value!(
    /// An array as serde sees it.
    b"gA" / b"fA" / FastArray Array { shape: Vec<u64>, elements: Vec<f64> }
);
value!(
    /// A table as serde sees it.
    b"gP" / b"fP" / FastTable Table { names: Vec<String>, numbers: Vec<Vec<f64>>, texts: Vec<Vec<String>> }
);

value!(
    /// [`Measurement`] as serde sees it: without marks.
    b"gM" / b"fM" / FastUnmarked Unmarked {
        id: u64, time: f64, gain: f64, exposure: u32, valid: bool, samples: Vec<f64>, image: Vec<u8>
    }
);
value!(
    /// The record's fields, with serde's fast way for bytes.
    b"gN" / b"fN" / FastWithSerdeBytes WithSerdeBytes {
        id: u64, time: f64, gain: f64, exposure: u32, valid: bool, samples: Vec<f64>,
        #[serde(with = "serde_bytes")]
        image: Vec<u8>
    }
);

/// An array, bytes and five scalars.
#[serializer(id = b"gX")]
pub(crate) struct Measurement {
    id: u64,
    time: f64,
    gain: f64,
    exposure: u32,
    valid: bool,
    #[serializer(frame)]
    samples: Array1<f64>,
    #[serializer(frame)]
    image: Vec<u8>,
}

/// A [`Measurement`] whose data is borrowed from the frame.
#[serializer(view = Measurement)]
#[allow(dead_code)] // it is read and dropped
pub(crate) struct MeasurementView<'a> {
    id: u64,
    time: f64,
    gain: f64,
    exposure: u32,
    valid: bool,
    #[serializer(frame)]
    samples: ArrayView1<'a, f64>,
    #[serializer(frame)]
    pub(crate) image: &'a [u8],
}

/// A [`Measurement`] whose data keeps the frame's memory.
#[serializer(view = Measurement)]
#[allow(dead_code)] // it is read and dropped
pub(crate) struct SharedMeasurement {
    id: u64,
    time: f64,
    gain: f64,
    exposure: u32,
    valid: bool,
    #[serializer(frame)]
    samples: DynArray<'static>,
    #[serializer(frame)]
    image: ::bytes::Bytes,
}

/// An instance of a Python class: `classes.py` has it.
#[serializer(python = "classes.Capture")]
pub(crate) struct Capture {
    number: u64,
    #[serializer(frame)]
    pub(crate) samples: Array1<f64>,
}

impl Capture {
    pub(crate) fn sample(size: usize) -> Self {
        Self { number: 5, samples: numbers(size / 8).into() }
    }
}

impl Measurement {
    /// Half of its data is the array, half the bytes.
    pub(crate) fn sample(size: usize) -> Self {
        Self {
            id: 5,
            time: 1.5,
            gain: 0.25,
            exposure: 20,
            valid: true,
            samples: numbers(size / 16).into(),
            image: bytes(size / 2),
        }
    }

    pub(crate) fn unmarked(&self) -> Unmarked {
        let Self { id, time, gain, exposure, valid, ref samples, ref image } = *self;
        let (samples, image) = (samples.to_vec(), image.clone());
        Unmarked { id, time, gain, exposure, valid, samples, image }
    }

    pub(crate) fn with_serde_bytes(&self) -> WithSerdeBytes {
        let Self { id, time, gain, exposure, valid, ref samples, ref image } = *self;
        let (samples, image) = (samples.to_vec(), image.clone());
        WithSerdeBytes { id, time, gain, exposure, valid, samples, image }
    }
}

/// Text, a nested enum, a map and numbers.
#[derive(
    Archivable,
    Archive,
    Clone,
    Decode,
    Deserialize,
    Encode,
    ForyStruct,
    SchemaRead,
    SchemaWrite,
    Serialize,
    Unarchive,
)]
pub(crate) struct Record {
    id: u64,
    name: String,
    shape: Shape,
    tags: Vec<String>,
    scores: BTreeMap<String, f64>,
    parent: Option<u64>,
}

#[derive(
    Archivable,
    Archive,
    Clone,
    Decode,
    Default,
    Deserialize,
    Encode,
    ForyUnion,
    SchemaRead,
    SchemaWrite,
    Serialize,
    Unarchive,
)]
pub(crate) enum Shape {
    #[default]
    #[fory(default)]
    Point,
    Circle {
        radius: f64,
    },
    Polygon(Vec<f64>),
    Named {
        label: String,
        sides: u32,
    },
}

/// [`Records`] whose texts are borrowed from the payload.
#[derive(Deserialize)]
pub(crate) struct BorrowedRecords<'a> {
    #[serde(borrow)]
    pub(crate) records: Vec<BorrowedRecord<'a>>,
}

impl<'a> Deserializable<'a> for BorrowedRecords<'a> {
    type Serializer = Records;

    fn deserialize_payload(payload: Payload<'a, '_>) -> Result<Self> {
        <Bincode as ps_serialize::Decode<Self>>::decode(payload)
    }
}

#[derive(Deserialize)]
#[allow(dead_code)] // it is read and dropped
pub(crate) struct BorrowedRecord<'a> {
    id: u64,
    name: &'a str,
    #[serde(borrow)]
    shape: BorrowedShape<'a>,
    #[serde(borrow)]
    tags: Vec<&'a str>,
    #[serde(borrow)]
    scores: BTreeMap<&'a str, f64>,
    parent: Option<u64>,
}

#[derive(Deserialize)]
#[allow(dead_code)] // it is read and dropped
pub(crate) enum BorrowedShape<'a> {
    Point,
    Circle { radius: f64 },
    Polygon(Vec<f64>),
    Named { label: &'a str, sides: u32 },
}

impl Records {
    pub(crate) fn sample(count: usize) -> Self {
        let (random, numbers) = (bytes(count), numbers(count));
        let words = ["Bern", "Quito", "Kathmandu", "La Paz", "Thimphu", "Addis Abeba", "Sana"];
        let record = |(i, (&byte, &number)): (usize, (&u8, &f64))| {
            let byte = usize::from(byte);
            let word = words[byte % words.len()];
            Record {
                id: i as u64,
                name: format!("{word} {i}"),
                shape: match byte % 4 {
                    0 => Shape::Point,
                    1 => Shape::Circle { radius: number },
                    2 => Shape::Polygon(vec![number; 2 * (3 + byte % 5)]),
                    _ => Shape::Named { label: word.to_lowercase(), sides: 6 },
                },
                tags: words[..byte % 3].iter().map(|&tag| tag.to_owned()).collect(),
                scores: words[..=byte % 4].iter().map(|&word| (word.to_owned(), number)).collect(),
                parent: (i > 0).then_some(i as u64 / 2),
            }
        };
        Self { records: random.iter().zip(&numbers).enumerate().map(record).collect() }
    }
}
