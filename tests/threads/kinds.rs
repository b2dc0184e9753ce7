//! A value of each kind, and every verb that takes it.

use std::any::Any;

use bytes::Bytes;
#[cfg(any(feature = "lz4", feature = "zstd"))]
use ps_serialize::{Compression, decompress};
use ps_serialize::{
    Deserializable, Error, Payload, Result, Serializable, Serializer, Sink, deserialize,
    deserialize_with, parts, serialize, serialize_any, serialize_into, serialize_to,
    serialize_with, serializer,
};

/// A value as `deserialize_any` gives it.
type Value = dyn Any + Send;

/// A value that all threads share, and what is done with it. All of it panics where anything is not
/// as it was when one thread made it.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// Writes it by every verb.
    pub(crate) write: Box<dyn Fn() -> Bytes + Send + Sync>,
    /// Reads its frame by every verb.
    pub(crate) read: Box<dyn Fn(&Bytes) + Send + Sync>,
    /// Takes what `deserialize_any` made of its frame.
    pub(crate) same: Box<dyn Fn(&Value) + Send + Sync>,
}

impl Kind {
    fn new<T>(name: &'static str, value: T) -> Self
    where
        T: Serializable<Serializer: Serializer<Value = T>>
            + for<'f> Deserializable<'f>
            + Send
            + Sync
            + 'static,
    {
        let frame = serialize(&value).unwrap();
        let read = {
            let written = frame.clone();
            move |frame: &Bytes| {
                let value: T = deserialize(frame).unwrap();
                assert!(serialize(&value).unwrap() == written, "{name}");
                let value = deserialize_with::<<T as Serializable>::Serializer>(frame).unwrap();
                assert!(serialize(&value).unwrap() == written, "{name}");
            }
        };
        let write = move || {
            let frame = serialize(&value).unwrap();
            assert!(
                serialize_with::<<T as Serializable>::Serializer>(&value).unwrap() == frame,
                "{name}"
            );
            assert!(serialize_any(&value).unwrap() == frame, "{name}");
            assert!(parts(&value).unwrap().to_bytes() == frame, "{name}");
            let mut written = Vec::new();
            serialize_into(&value, &mut written).unwrap();
            assert!(written == frame, "{name}");
            written.clear();
            serialize_to(&value, &mut written).unwrap();
            assert!(written == frame, "{name}");
            frame
        };
        let same = move |value: &Value| {
            assert!(serialize_any(value).unwrap() == frame, "{name}");
        };
        Self { name, write: Box::new(write), read: Box::new(read), same: Box::new(same) }
    }

    fn also(self, more: impl Fn(&Bytes) + Send + Sync + 'static) -> Self {
        let read = self.read;
        let read = move |frame: &Bytes| {
            read(frame);
            more(frame);
        };
        Self { read: Box::new(read), ..self }
    }

    fn shared<T: for<'a> Deserializable<'a> + Serializable>(self) -> Self {
        self.also(|frame| {
            let value: T = deserialize(frame).unwrap();
            assert!(serialize(&value).unwrap() == frame);
        })
    }

    /// The same compressed, which the reading verbs are not told.
    #[cfg(any(feature = "lz4", feature = "zstd"))]
    fn compressed(self, name: &'static str, compression: Compression) -> Self {
        let Self { write, read, same, .. } = self;
        let plain = write();
        let read = move |frame: &Bytes| {
            assert!(decompress(frame).unwrap() == plain, "{name}");
            read(frame);
        };
        let write = move || {
            let plain = write();
            let frame = compression.compress(&plain).unwrap();
            assert!(frame.len() < plain.len(), "{name}");
            frame
        };
        Self { name, write: Box::new(write), read: Box::new(read), same }
    }
}

/// A kind that can be borrowed from its frame too.
macro_rules! viewed {
    ($kind:expr, $view:ty) => {
        $kind.also(|frame| {
            let value: $view = deserialize(frame).unwrap();
            assert!(serialize(&value).unwrap() == frame);
        })
    };
}

#[serializer(id = b"t0")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Record {
    name: String,
    numbers: Vec<f64>,
    next: Option<Box<Record>>,
}

fn record(depth: usize) -> Record {
    let next = depth.checked_sub(1).map(|depth| Box::new(record(depth)));
    Record { name: format!("record {depth}"), numbers: vec![0.5; depth], next }
}

#[cfg(feature = "wincode")]
#[serializer(id = b"t1", codec = ps_serialize::Wincode)]
#[derive(wincode::SchemaRead, wincode::SchemaWrite)]
struct ByWincode {
    name: String,
    numbers: Vec<(u32, f64)>,
}

/// Values of a type of its own, behind a padded line.
struct Address;

#[serializer(id = b"t2", align = 16)]
impl Serializer for Address {
    type Value = std::net::Ipv6Addr;

    fn serialize<'a>(value: &'a Self::Value, out: &mut dyn Sink<'a>) -> Result<()> {
        out.put(&value.octets());
        Ok(())
    }

    fn deserialize(payload: Payload<'_, '_>) -> Result<Self::Value> {
        Ok(<[u8; 16]>::try_from(&payload[..]).map_err(Error::custom)?.into())
    }
}

fn by_name<S>(name: &'static str, value: S::Value) -> Kind
where
    S: Serializer<Value: Send + Sync + 'static>,
{
    let frame = serialize_with::<S>(&value).unwrap();
    let same = {
        let frame = frame.clone();
        move |value: &Value| assert!(serialize_any(value).unwrap() == frame, "{name}")
    };
    let read = move |frame: &Bytes| {
        let value = deserialize_with::<S>(frame).unwrap();
        assert!(serialize_with::<S>(&value).unwrap() == frame, "{name}");
    };
    let write = move || serialize_with::<S>(&value).unwrap();
    Kind { name, write: Box::new(write), read: Box::new(read), same: Box::new(same) }
}

#[cfg(feature = "ndarray")]
fn array(len: u32) -> ndarray::Array1<f64> {
    (0..len).map(|i| f64::from(i) * 0.25).collect()
}

#[cfg(feature = "polars")]
fn table(rows: i64) -> polars_core::frame::DataFrame {
    use polars_core::df;
    use polars_core::prelude::{
        Categories, DataType, FrozenCategories, IntoColumn, NamedFrom, Series,
    };

    let mut table = df! {
        "i" => (0..rows).collect::<Vec<i64>>(),
        "text" => (0..rows).map(|i| (i % 3 > 0).then(|| format!("{i} is a number"))).collect::<Vec<_>>(),
    }
    .unwrap();
    // All threads use one list of the categories that the process knows.
    let names = Series::new(
        "".into(),
        (0..rows).map(|i| if i % 2 == 0 { "a" } else { "bb" }).collect::<Vec<_>>(),
    );
    let frozen = FrozenCategories::new(["a", "bb"]).unwrap();
    for (name, dtype) in [
        ("category", DataType::from_categories(Categories::global())),
        ("choice", DataType::from_frozen_categories(frozen)),
    ] {
        table
            .with_column(names.cast(&dtype).unwrap().with_name(name.into()).into_column())
            .unwrap();
    }
    table
}

#[cfg(feature = "safetensors")]
fn tensors() -> ps_serialize::tensors::Tensors<'static> {
    use ps_serialize::tensors::{Dtype, Tensor, Tensors};

    let mut tensors = Tensors::new();
    for name in ["weight", "bias"] {
        tensors.insert(name, Tensor::new(Dtype::F32, [2, 25], vec![7; 200]).unwrap());
    }
    tensors.metadata_mut().insert("format".to_owned(), "pt".to_owned());
    tensors
}

#[cfg(feature = "pickle")]
fn plain() -> ps_serialize::pickle::Value {
    use ps_serialize::pickle::Value;

    let text = |text: &str| Value::Str(text.to_owned());
    Value::Dict(vec![
        (text("numbers"), Value::List((0..1000).map(Value::Int).collect())),
        (text("big"), Value::from(num_bigint::BigInt::from(-1) << 200)),
        (text("text"), text("größe")),
    ])
}

/// What the real PyTorch wrote. It is read only.
#[cfg(feature = "torch")]
fn checkpoint() -> Kind {
    use ps_serialize::torch::Checkpoint;

    let frame = Bytes::from(support::checkpoint("nested"));
    let expected: Checkpoint = deserialize(&frame).unwrap();
    let again = expected.clone();
    Kind {
        name: "checkpoint",
        write: Box::new(move || frame.clone()),
        read: Box::new(move |frame| {
            assert!(deserialize::<Checkpoint>(frame).unwrap() == expected);
            assert!(deserialize::<Checkpoint>(frame).unwrap() == expected);
        }),
        same: Box::new(move |value| assert!(value.downcast_ref() == Some(&again))),
    }
}

/// At least one small value of each kind.
pub(crate) fn small() -> Vec<Kind> {
    let text = || "größe, again and ".repeat(50);
    #[allow(unused_mut)] // Without features there are no more.
    let mut kinds = vec![
        viewed!(Kind::new("bytes", (0..=255).collect::<Vec<u8>>()), &[u8]),
        Kind::new("shared bytes", Bytes::from(vec![1; 3000])).shared::<Bytes>(),
        viewed!(Kind::new("text", text()), &str),
        Kind::new("record", record(30)),
        by_name::<Address>("record in a format of its own", std::net::Ipv6Addr::LOCALHOST),
    ];
    #[cfg(feature = "wincode")]
    kinds.push(Kind::new(
        "record by wincode",
        ByWincode { name: text(), numbers: vec![(1, 0.5); 100] },
    ));
    #[cfg(feature = "ndarray")]
    {
        use ndarray::{ArrayView1, CowArray, Ix1};
        use ps_serialize::array::DynArray;

        kinds.push(viewed!(Kind::new("array", array(1000)), ArrayView1<f64>));
        kinds.push(
            viewed!(Kind::new("array of bool", array(77).map(|x| *x > 5.0)), CowArray<bool, Ix1>),
        );
        let texts = DynArray::new("<U2", [20], vec![0; 160]).unwrap();
        kinds.push(viewed!(Kind::new("array of texts", texts), DynArray));
    }
    #[cfg(feature = "polars")]
    kinds.push(Kind::new("table", table(200)).shared::<polars_core::frame::DataFrame>());
    #[cfg(feature = "safetensors")]
    {
        use ps_serialize::tensors::Tensors;

        kinds.push(viewed!(Kind::new("tensors", tensors()), Tensors).shared::<Tensors<'static>>());
    }
    #[cfg(feature = "pickle")]
    {
        use ps_serialize::pickle::Pickle;

        kinds.push(Kind::new("plain data", plain()));
        kinds.push(by_name::<Pickle<Record>>("record as plain data", record(3)));
    }
    #[cfg(feature = "torch")]
    kinds.push(checkpoint());
    #[cfg(feature = "lz4")]
    kinds.push(Kind::new("", text()).compressed("text, LZ4", Compression::Lz4));
    #[cfg(feature = "zstd")]
    kinds.push(Kind::new("", record(60)).compressed("record, Zstandard", Compression::Zstd(3)));
    kinds
}

/// Some that are large enough for huge pages, and for compression by several threads.
pub(crate) fn large() -> Vec<Kind> {
    const SIZE: u32 = 5 << 20;

    let bytes = || (0..=250).cycle().take(SIZE as usize).collect::<Vec<u8>>();
    #[allow(unused_mut)] // Without features there are no more.
    let mut kinds = vec![
        viewed!(Kind::new("large bytes", bytes()), &[u8]),
        Kind::new("large shared bytes", Bytes::from(bytes())).shared::<Bytes>(),
    ];
    #[cfg(feature = "ndarray")]
    kinds.push(viewed!(Kind::new("large array", array(SIZE / 8)), ndarray::ArrayView1<f64>));
    #[cfg(feature = "polars")]
    kinds.push(Kind::new("large table", table(200_000)).shared::<polars_core::frame::DataFrame>());
    #[cfg(feature = "lz4")]
    kinds.push(Kind::new("", bytes()).compressed("large bytes, LZ4", Compression::Lz4));
    #[cfg(all(feature = "lz4", feature = "ndarray"))]
    kinds.push(Kind::new("", array(SIZE / 8)).compressed("large array, LZ4", Compression::Lz4));
    #[cfg(feature = "zstd")]
    kinds.push(Kind::new("", bytes()).compressed("large bytes, Zstandard", Compression::Zstd(1)));
    kinds
}
