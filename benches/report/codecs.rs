//! What other crates make of a value that they know by their derives.

/// Contenders of the codecs of records, for a value of `$type` behind an `Rc`.
macro_rules! codecs {
    ($type:ty, $value:expr, $registered:expr, $contenders:ident) => {{
        use std::hint::black_box;
        use std::rc::Rc;

        use $crate::measure::Direction::{Read, Write};
        use $crate::measure::Family::Rust;

        let value: Rc<$type> = Rc::clone($value);
        macro_rules! codec {
            ($name:literal, $encode:expr, $decode:expr) => {
                let encode = $encode;
                let (encoded, shared) = (encode(&value), Rc::clone(&value));
                let size = encoded.len();
                let write = move || encode(black_box(&shared));
                $contenders.push(Contender::new((Rust, Write), $name, write).of(size));
                let decode = $decode;
                let read = move || -> $type { decode(black_box(&encoded)) };
                $contenders.push(Contender::new((Rust, Read), $name, read).of(size));
            };
        }

        codec!(
            "bincode 1.3",
            |value: &$type| bincode_1::serialize(value).unwrap(),
            |bytes: &Vec<u8>| bincode_1::deserialize(bytes).unwrap()
        );
        let layout = bincode::config::legacy();
        codec!(
            "bincode",
            move |value: &$type| bincode::serde::encode_to_vec(value, layout).unwrap(),
            move |bytes: &Vec<u8>| bincode::serde::decode_from_slice(bytes, layout).unwrap().0
        );
        let unlimited =
            wincode::config::Configuration::default().disable_preallocation_size_limit();
        codec!(
            "wincode",
            move |value: &$type| wincode::config::serialize(value, unlimited).unwrap(),
            move |bytes: &Vec<u8>| wincode::config::deserialize(bytes, unlimited).unwrap()
        );
        codec!("postcard", |value: &$type| postcard::to_stdvec(value).unwrap(), |bytes: &Vec<
            u8,
        >| {
            postcard::from_bytes(bytes).unwrap()
        });
        codec!("bitcode", |value: &$type| bitcode::encode(value), |bytes: &Vec<u8>| {
            bitcode::decode(bytes).unwrap()
        });
        codec!(
            "rkyv",
            |value: &$type| rkyv::to_bytes::<rkyv::rancor::Error>(value).unwrap(),
            |bytes: &rkyv::util::AlignedVec| {
                rkyv::from_bytes::<$type, rkyv::rancor::Error>(bytes).unwrap()
            }
        );
        codec!("serde_json", |value: &$type| serde_json::to_vec(value).unwrap(), |bytes: &Vec<
            u8,
        >| {
            serde_json::from_slice(bytes).unwrap()
        });
        let fory: Rc<fory::Fory> = Rc::new($registered);
        let reader = Rc::clone(&fory);
        codec!(
            "Apache Fory",
            move |value: &$type| fory.serialize(value).unwrap(),
            move |bytes: &Vec<u8>| reader.deserialize(bytes).unwrap()
        );

        let archived = rkyv::to_bytes::<rkyv::rancor::Error>(&*value).unwrap();
        let size = archived.len();
        let access = move || {
            let root =
                rkyv::access::<rkyv::Archived<$type>, rkyv::rancor::Error>(black_box(&archived));
            std::ptr::from_ref(root.unwrap()).addr()
        };
        $contenders.push(Contender::new((Rust, Read), "rkyv, validated view", access).of(size));
    }};
}
pub(crate) use codecs;

/// Without names and versions of fields, as the others.
pub(crate) fn fory() -> fory::Fory {
    fory::Fory::builder()
        .xlang(false)
        .compatible(false)
        .max_graph_memory_bytes(usize::MAX)
        .max_unbacked_container_items(usize::MAX)
        .build()
}
