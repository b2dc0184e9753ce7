//! Frames of version 0.1 are read as what they were, for ever; and where bytes are promised, the same
//! values are written as the same bytes.
//!
//! A file here is never changed, and none is taken away: somebody has a frame like it on a disk. What is new gets
//! new names, and is written, where it is not there yet, by
//! `cargo test -p ps-serialize-tests --all-features --test golden -- --ignored`.

#[cfg(feature = "ndarray")]
mod arrays;
#[cfg(all(feature = "lz4", feature = "zstd"))]
mod compressed;
mod frames_inside;
#[cfg(feature = "pandas")]
mod pandas;
#[cfg(feature = "pickle")]
mod plain;
#[cfg(feature = "ndarray")]
mod python;
mod records;
#[cfg(feature = "polars")]
mod tables;
#[cfg(feature = "safetensors")]
mod tensors;

use std::any::Any;
use std::fmt::Debug;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use ps_serialize::{
    Deserializable, Serializable, Serializer, deserialize, deserialize_any, deserialize_with,
    read_frame, serialize, serialize_any, serialize_with,
};

/// A file, and what holds for it.
struct Golden {
    name: String,
    /// The frame of the same value, as it is written today.
    today: Bytes,
    bytes: Promise,
    /// Panics unless a frame is read as that value.
    check: Box<dyn Fn(&Bytes)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Promise {
    /// The value is written as these bytes.
    Same,
    /// The bytes are read as the value. The writer may choose other bytes some day.
    Readable,
}

impl Promise {
    /// The promise for a frame with numbers of several bytes in an array: a machine writes its own byte order and says so, as NumPy does. The files are little-endian.
    #[cfg(feature = "ndarray")]
    fn of_arrays() -> Self {
        if cfg!(target_endian = "little") { Self::Same } else { Self::Readable }
    }
}

impl Golden {
    fn new<T>(name: &str, value: T) -> Self
    where
        T: Serializable + for<'f> Deserializable<'f> + PartialEq + Debug + 'static,
    {
        let today = serialize(&value).unwrap();
        Self::of(name, today, move |frame| {
            assert_eq!(deserialize::<T>(frame).unwrap(), value);
        })
    }

    fn with<S>(name: &str, value: S::Value) -> Self
    where
        S: Serializer<Value: PartialEq + Debug + 'static>,
    {
        let today = serialize_with::<S>(&value).unwrap();
        Self::of(name, today, move |frame| {
            assert_eq!(deserialize_with::<S>(frame).unwrap(), value);
        })
    }

    fn of(name: &str, today: Bytes, check: impl Fn(&Bytes) + 'static) -> Self {
        Self { name: name.to_owned(), today, bytes: Promise::Same, check: Box::new(check) }
    }

    fn path(&self) -> PathBuf {
        folder("0.1").join(format!("{}.frame", self.name))
    }
}

fn folder(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "golden", name].iter().collect()
}

fn read(path: &Path) -> Bytes {
    let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    read_frame(file, None).unwrap()
}

fn all() -> Vec<Golden> {
    let mut all = vec![
        Golden::new("bytes", (0..=255).collect::<Vec<u8>>()),
        Golden::new("bytes-empty", Vec::<u8>::new()),
        Golden::new("bytes-shared", Bytes::from_static(b"BS\n\n")),
        Golden::new("text", "héllo\r\n\0 世界 🌍".to_owned()),
        Golden::new("text-empty", String::new()),
        Golden::new("text-newline-first", "\n US\n".to_owned()),
    ];
    all.extend(records::all());
    all.extend(frames_inside::all());
    #[cfg(feature = "ndarray")]
    all.extend(arrays::all());
    #[cfg(feature = "polars")]
    all.extend(tables::all());
    #[cfg(feature = "safetensors")]
    all.extend(tensors::all());
    #[cfg(feature = "pickle")]
    all.extend(plain::all());
    #[cfg(all(feature = "lz4", feature = "zstd"))]
    all.extend(compressed::all());
    all
}

#[test]
fn every_frame_is_read_as_what_it_was() {
    for golden in all() {
        println!("{}", golden.name);
        let kept = read(&golden.path());
        (golden.check)(&kept);
        let any: Box<dyn Any + Send + Sync> = deserialize_any(&kept).unwrap();
        if golden.bytes == Promise::Same {
            assert!(serialize_any(&any).unwrap() == kept, "{}, by `deserialize_any`", golden.name);
        }
    }
}

#[test]
fn every_value_is_written_as_it_was() {
    for golden in all() {
        let kept = read(&golden.path());
        match golden.bytes {
            Promise::Same => assert!(
                golden.today == kept,
                "{} was written as\n{}\nand is now\n{}",
                golden.name,
                kept.escape_ascii(),
                golden.today.escape_ascii()
            ),
            Promise::Readable => (golden.check)(&golden.today),
        }
    }
}

/// With every feature: else some are left out.
#[cfg(all(
    feature = "lz4",
    feature = "ndarray",
    feature = "pickle",
    feature = "polars",
    feature = "safetensors",
    feature = "wincode",
    feature = "zstd"
))]
#[test]
fn no_file_goes_untested() {
    use std::collections::BTreeSet;

    let files = std::fs::read_dir(folder("0.1")).unwrap().map(|file| file.unwrap().path());
    let files: BTreeSet<PathBuf> = files.collect();
    assert_eq!(files, all().iter().map(Golden::path).collect());
}

#[test]
#[ignore = "it writes the files that are not there yet, which are then kept for ever"]
fn write_new_files() {
    for golden in all() {
        match File::create_new(golden.path()) {
            Ok(mut file) => file.write_all(&golden.today).unwrap(),
            Err(error) => assert_eq!(error.kind(), ErrorKind::AlreadyExists, "{}", golden.name),
        }
    }
}
