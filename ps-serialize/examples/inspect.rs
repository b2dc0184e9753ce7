//! Prints what frames are, whatever wrote them.
//!
//! `cargo run --example inspect -- FILE…`, where `-` is standard input

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
#[cfg(feature = "polars")]
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use bytes::Bytes;
#[cfg(feature = "polars")]
use polars_core::prelude::DataFrame;
#[cfg(feature = "safetensors")]
use ps_serialize::tensors::Tensors;
use ps_serialize::{ErrorKind, Frame, FrameTable, deserialize_any, read_frame, registry};
#[cfg(feature = "ndarray")]
use ps_serialize::{array::DynArray, deserialize};

/// How much of a value is shown.
const PREVIEW: usize = 64;

fn main() -> ExitCode {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    if paths.is_empty() {
        eprintln!("usage: inspect FILE…    (- is standard input)");
        return ExitCode::from(2);
    }
    let mut failed = false;
    for path in paths {
        println!("{path}");
        if let Err(error) = inspect(&path) {
            println!("  error        {error:#}");
            failed = true;
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn inspect(path: &str) -> ps_serialize::Result<()> {
    show(&if path == "-" { read_frame(io::stdin().lock(), None) } else { read_file(path) }?)
}

fn show(bytes: &Bytes) -> ps_serialize::Result<()> {
    let frame = Frame::parse(bytes)?;
    #[cfg(any(feature = "lz4", feature = "zstd"))]
    {
        let opened = ps_serialize::decompress(bytes)?;
        if opened != bytes {
            println!(
                "  compressed   {}: {} bytes, of which these are made, shuffled by {}",
                frame.identifier(),
                bytes.len(),
                frame.payload()[0]
            );
            return show(&opened);
        }
    }
    let identifier = frame.identifier();
    let line = bytes.len() - frame.payload().len();
    println!("  identifier   {identifier}");
    match registry().find(identifier) {
        Ok(entry) => {
            println!(
                "  meaning      {}, read as {}, declared at {}",
                entry.name(),
                entry.type_name(),
                entry.origin()
            );
            #[cfg(feature = "lock")]
            if let Some(layout) = entry.layout() {
                layout.lines().skip(1).for_each(|line| println!("             {line}"));
            }
        }
        Err(error) => match error.kind() {
            // The others mean the same in every program.
            ErrorKind::UnknownIdentifier { advice, .. } if !advice.contains("which means") => {
                println!(
                    "  meaning      a type of another program, which declares it and can read it"
                );
            }
            _ => println!("  meaning      {error:#}"),
        },
    }
    println!(
        "  sizes        {} bytes: a line of {line}, a payload of {}",
        bytes.len(),
        frame.payload().len()
    );
    #[cfg(feature = "ndarray")]
    if let Ok(array) = deserialize::<DynArray>(bytes) {
        print_array(&array);
        return Ok(());
    }
    match deserialize_any(bytes) {
        Ok(value) => {
            #[cfg(feature = "polars")]
            if let Some(table) = value.downcast_ref::<DataFrame>() {
                print_table(table);
                return Ok(());
            }
            #[cfg(feature = "pandas")]
            if let Some(table) = value.downcast_ref::<ps_serialize::pandas::Table>() {
                print_table(table.frame());
                println!("  index        {:?}", table.index());
                return Ok(());
            }
            #[cfg(feature = "safetensors")]
            if let Some(tensors) = value.downcast_ref::<Tensors>() {
                print_tensors(tensors);
                return Ok(());
            }
            #[cfg(feature = "torch")]
            if let Some(checkpoint) = value.downcast_ref::<ps_serialize::torch::Checkpoint>() {
                print_tensors(checkpoint.tensors());
                checkpoint.values().iter().for_each(|(name, value)| print_value(name, value));
                return Ok(());
            }
            #[cfg(feature = "pickle")]
            if let Some(value) = value.downcast_ref::<ps_serialize::pickle::Value>() {
                print_value("value", value);
                return Ok(());
            }
            if let Some(text) = value.downcast_ref::<String>() {
                let shown: String = text.chars().take(PREVIEW).collect();
                println!("  text         {shown:?}{}", more(text.chars().count(), "characters"));
            } else {
                print_bytes("payload", frame.payload());
            }
        }
        Err(error) => {
            if registry().find(identifier).is_ok() {
                println!("  not readable {error:#}");
            } else if let Some(frames) = frames_inside(bytes) {
                println!("  a record     with {} frames inside", frames.len());
                for (index, frame) in frames.iter().enumerate() {
                    println!("frame {index} of `{identifier}`");
                    show(frame)?;
                }
                return Ok(());
            }
            print_bytes("payload", frame.payload());
        }
    }
    Ok(())
}

/// The frames inside of a record of an unknown type, if all that its table names are frames.
fn frames_inside(bytes: &Bytes) -> Option<Vec<Bytes>> {
    let table = FrameTable::unnamed(bytes).ok()?;
    let is_whole = table.iter().next_back().is_some_and(|last| last.range.end == bytes.len());
    let frames: Vec<_> =
        is_whole.then(|| table.iter().map(|place| bytes.slice(place.range.clone())).collect())?;
    frames.iter().all(|frame| Frame::parse(frame).is_ok()).then_some(frames)
}

#[cfg(feature = "ndarray")]
fn print_array(array: &DynArray) {
    let order = if array.is_fortran_order() { "Fortran" } else { "C" };
    println!("  dtype        {}", array.descr());
    println!("  shape        {:?}, in {order} order", array.shape());
    let address = array.data().as_ptr().addr();
    println!(
        "  data         {} bytes, aligned to {} in memory",
        array.data().len(),
        1_usize << address.trailing_zeros().min(6)
    );
    macro_rules! print_elements {
        ($($element:ty)*) => {
            $(if let Ok(elements) = array.to_array::<$element>() {
                println!("{}", indented(&elements.to_string()));
                return;
            })*
        };
    }
    print_elements!(bool i8 i16 i32 i64 u8 u16 u32 u64 half::f16 f32 f64);
    print_elements!(num_complex::Complex<f32> num_complex::Complex<f64>);
    print_bytes("data", array.data());
}

/// The schema, and the first rows.
#[cfg(feature = "polars")]
fn print_table(table: &DataFrame) {
    const ROWS: usize = 5;
    println!("  shape        {} rows, {} columns", table.height(), table.width());
    let head = table.head(Some(ROWS));
    for column in head.columns() {
        let values: Vec<String> = (0..column.len())
            .filter_map(|row| column.get(row).ok())
            // polars panics at dates that are out of its range.
            .map(|value| catch_unwind(AssertUnwindSafe(|| value.to_string())))
            .map(|text| text.unwrap_or_else(|_| "(out of range)".to_owned()))
            .collect();
        let more = if table.height() > ROWS { ", …" } else { "" };
        println!("  {:?} ({}): {}{more}", column.name(), column.dtype(), values.join(", "));
    }
}

/// The texts and the tensors, by name.
#[cfg(feature = "safetensors")]
fn print_tensors(tensors: &Tensors) {
    for (key, text) in tensors.metadata() {
        println!("  {key:?}: {text:?}");
    }
    for (name, tensor) in tensors {
        println!("  {name:?}: {tensor:?}");
    }
}

#[cfg(feature = "pickle")]
fn print_value(name: &str, value: &ps_serialize::pickle::Value) {
    let text = format!("{value:?}");
    let shown: String = text.chars().take(4 * PREVIEW).collect();
    println!("  {name}: {shown}{}", if shown.len() < text.len() { "…" } else { "" });
}

#[cfg(feature = "ndarray")]
fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

/// A file's size is where its end is; a pipe has none.
fn read_file(path: &str) -> ps_serialize::Result<Bytes> {
    let mut file = File::open(path)?;
    let size = file.seek(SeekFrom::End(0)).and_then(|size| file.rewind().map(|()| size)).ok();
    read_frame(file.by_ref(), size.and_then(|size| usize::try_from(size).ok()))
}

fn print_bytes(label: &str, bytes: &[u8]) {
    let shown = &bytes[..bytes.len().min(PREVIEW)];
    println!("  {label:13}b\"{}\"{}", shown.escape_ascii(), more(bytes.len(), "bytes"));
}

fn more(len: usize, what: &str) -> String {
    if len > PREVIEW { format!(" and {} {what} more", len - PREVIEW) } else { String::new() }
}
