//! What the library does, in one run: values become frames, frames become values.
//!
//! `cargo run --example tour`

use std::any::Any;
use std::net::Ipv4Addr;

use ps_serialize::bytes::Bytes;
use ps_serialize::{
    Error, Frame, FrameTable, Identifier, Options, Payload, Result, Serializer, Sink, deserialize,
    deserialize_any, deserialize_with, registry, serialize, serialize_any, serialize_with,
    serializer,
};

#[serializer(id = b"05")]
#[derive(serde::Serialize, serde::Deserialize, Debug, PartialEq)]
struct Particle {
    mass: f64,
    position: [f64; 3],
}

#[serializer(id = b"EV", name = "event")]
#[derive(serde::Serialize, serde::Deserialize, Debug, PartialEq)]
enum Event {
    Created(Particle),
    Moved { by: [f64; 3] },
    Gone,
}

/// A record whose large field is a frame of its own.
#[serializer(id = b"PH")]
struct Photo {
    title: String,
    #[serializer(frame)]
    pixels: Vec<u8>,
    #[serializer(frames)]
    comments: Vec<String>,
}

/// A view of `Photo`, borrowed from its frame.
#[serializer(view = Photo)]
struct PhotoView<'a> {
    title: &'a str,
    #[serializer(frame)]
    pixels: &'a [u8],
    #[serializer(frames)]
    comments: Vec<&'a str>,
}

/// A type of another crate, in a format of our own: an address is its four bytes.
struct Address;

#[serializer(id = b"IP")]
impl Serializer for Address {
    type Value = Ipv4Addr;

    fn serialize<'a>(value: &'a Ipv4Addr, out: &mut dyn Sink<'a>) -> Result<()> {
        out.put(&value.octets());
        Ok(())
    }

    fn deserialize(payload: Payload<'_, '_>) -> Result<Ipv4Addr> {
        let octets: [u8; 4] = payload[..].try_into().map_err(Error::custom)?;
        Ok(Ipv4Addr::from(octets))
    }
}

fn main() -> Result<()> {
    println!("Frames: identifier, newline, payload\n");
    let particle = Particle { mass: 1.0, position: [0.0, 0.5, 1.0] };
    let moved = Event::Moved { by: [0.0, 0.0, 2.0] };
    let frames = [
        serialize(&particle)?,
        serialize(&moved)?,
        serialize(&Event::Gone)?,
        serialize_with::<Address>(&Ipv4Addr::LOCALHOST)?,
        serialize("héllo")?,
        serialize(b"any bytes")?,
    ];
    for frame in &frames {
        println!("  {}", frame.escape_ascii());
    }

    println!("\nRead as the type that is expected\n");
    let back: Particle = deserialize(&frames[0])?;
    assert_eq!(back, particle);
    println!("  {back:?}");
    let address = deserialize_with::<Address>(&frames[3])?;
    assert_eq!(address, Ipv4Addr::LOCALHOST);
    println!("  {address:?}");

    println!("\nRead by the identifier alone\n");
    for frame in &frames {
        println!(
            "  {} is {}",
            Frame::parse(frame)?.identifier(),
            describe(&*deserialize_any(frame)?)
        );
    }
    let unknown: Box<dyn Any> = Box::new(Event::Created(particle));
    println!(
        "  and a value of a type unknown here becomes {}",
        serialize_any(&*unknown)?.escape_ascii()
    );

    println!("\nBorrowed: nothing is copied\n");
    let text: &str = deserialize(&frames[4])?;
    println!(
        "  {text:?} at byte {} of its frame",
        text.as_ptr().addr() - frames[4].as_ptr().addr()
    );

    records()?;
    #[cfg(feature = "ndarray")]
    arrays()?;
    #[cfg(feature = "polars")]
    tables()?;
    #[cfg(feature = "pickle")]
    plain_data()?;
    #[cfg(feature = "safetensors")]
    tensors()?;
    #[cfg(feature = "torch")]
    checkpoint()?;
    #[cfg(any(feature = "lz4", feature = "zstd"))]
    compression()?;

    println!("\nRefused, with the reason\n");
    println!("  {}", deserialize::<Particle>(&frames[4]).unwrap_err());
    println!("  {}", deserialize_any(b"??\n").unwrap_err());
    let only_text = Options::new().size_limit(1000).allow([Identifier::new(b"US")]);
    println!("  {}", only_text.deserialize_any(&frames[0]).unwrap_err());

    println!("\nThe registry, collected by the linker\n");
    for entry in registry() {
        println!(
            "  {:4}{:16}{:30} {}",
            entry.identifier(),
            entry.name(),
            entry.type_name(),
            entry.origin()
        );
    }
    registry().check()
}

fn records() -> Result<()> {
    println!("\nRecords with frames inside, and views of them\n");
    let comments = vec!["calm".to_owned(), "blue".to_owned()];
    let frame = serialize(&Photo { title: "sea".to_owned(), pixels: vec![7; 16], comments })?;
    for place in FrameTable::parse::<Photo>(&frame)?.iter() {
        let inside = Frame::parse(&frame[place.range.clone()])?;
        let field = [place.field, &place.key].join(" ");
        let (identifier, size) = (inside.identifier(), inside.payload().len());
        println!("  {field:11} {identifier}, {size} bytes, at {:?} of the frame", place.range);
    }
    let PhotoView { title, pixels, comments } = deserialize(&frame)?;
    println!("  borrowed: {title:?}, {} pixels, {comments:?}", pixels.len());
    Ok(())
}

#[cfg(feature = "ndarray")]
fn arrays() -> Result<()> {
    use ndarray::{ArrayD, ArrayView2, array};

    println!("\nArrays, as NumPy reads and writes them\n");
    let array = array![[1.5, 2.5], [3.5, 4.5]];
    let frame = serialize(&array)?;
    println!("  {}", frame.escape_ascii());
    let borrowed: ArrayView2<f64> = deserialize(&frame)?;
    println!("  borrowed: {borrowed}");
    let any = deserialize_any(&frame)?;
    println!("  by its identifier alone: {:?}", any.downcast_ref::<ArrayD<f64>>());
    Ok(())
}

#[cfg(feature = "polars")]
fn tables() -> Result<()> {
    use polars_core::df;
    use polars_core::prelude::DataFrame;
    use ps_serialize::deserialize;

    println!("\nTables, as Python's polars reads and writes them\n");
    let table =
        df! { "city" => ["Bern", "Quito"], "height" => [542, 2850] }.map_err(Error::custom)?;
    let frame = serialize(&table)?;
    println!("  {} bytes: `{}` and an Arrow file", frame.len(), frame[..64].escape_ascii());
    let shared: DataFrame = deserialize(&frame)?;
    println!("  back, in the memory of the frame: {:?}, {:?}", shared.shape(), shared.schema());
    assert!(shared.equals(&table));
    Ok(())
}

#[cfg(feature = "pickle")]
fn plain_data() -> Result<()> {
    use ps_serialize::pickle::{Pickle, Value};

    println!("\nPlain data, as Python's dict, list, str and so on\n");
    let event = Event::Moved { by: [0.5, 0.0, 1.0] };
    let frame = serialize_with::<Pickle<Event>>(&event)?;
    println!("  {}", frame.escape_ascii());
    println!("  as what it was: {:?}", deserialize_with::<Pickle<Event>>(&frame)?);
    println!("  as what Python has: {:?}", deserialize::<Value>(&frame)?);
    let refused = deserialize::<Value>(b"PK\ncos\nsystem\n(S'rm'\ntR.").unwrap_err();
    println!("  never code: {refused:?}");
    Ok(())
}

#[cfg(feature = "safetensors")]
fn tensors() -> Result<()> {
    use ps_serialize::tensors::{Dtype, Tensor, Tensors};

    println!("\nNamed tensors, as PyTorch, JAX and candle exchange weights\n");
    let mut model = Tensors::new();
    model.insert("layer.weight", Tensor::new(Dtype::F32, [1, 2], vec![0; 8])?);
    model.insert("layer.bias", Tensor::new(Dtype::BF16, [1], vec![0x80, 0x3f])?);
    let frame = serialize(&model)?;
    let borrowed: Tensors = deserialize(&frame)?;
    for (name, tensor) in &borrowed {
        println!("  {name}: {tensor:?}");
    }
    Ok(())
}

/// Reads a checkpoint that PyTorch wrote.
#[cfg(feature = "torch")]
fn checkpoint() -> Result<()> {
    use ps_serialize::torch::Checkpoint;

    println!("\nA PyTorch checkpoint, read without running its code\n");
    let file = include_bytes!("state_dict.pt");
    let frame = Frame::new(&Identifier::new(b"PT"), file).to_bytes();
    let checkpoint: Checkpoint = deserialize(&frame)?;
    for (name, tensor) in checkpoint.tensors() {
        println!("  {name}: {tensor:?}");
    }
    Ok(())
}

#[cfg(any(feature = "lz4", feature = "zstd"))]
fn compression() -> Result<()> {
    use ps_serialize::Compression;

    println!("\nCompressed, and opened without being told\n");
    let numbers: Vec<u8> = (0..10_000_i64).flat_map(i64::to_le_bytes).collect();
    for compression in [
        #[cfg(feature = "lz4")]
        Compression::Lz4,
        #[cfg(feature = "zstd")]
        Compression::Zstd(3),
    ] {
        let frame = compression.serialize(&numbers)?;
        println!(
            "  {} bytes in a frame of {}: {}…",
            numbers.len(),
            frame.len(),
            frame[..12].escape_ascii()
        );
        assert_eq!(deserialize::<Vec<u8>>(&frame)?, numbers);
        let short = compression.serialize("short")?;
        println!("  what does not shrink stays as it is: {}", short.escape_ascii());
    }
    Ok(())
}

fn describe(value: &dyn Any) -> String {
    if let Some(particle) = value.downcast_ref::<Particle>() {
        format!("{particle:?}")
    } else if let Some(event) = value.downcast_ref::<Event>() {
        format!("{event:?}")
    } else if let Some(address) = value.downcast_ref::<Ipv4Addr>() {
        format!("the address {address}")
    } else if let Some(text) = value.downcast_ref::<String>() {
        format!("the text {text:?}")
    } else if let Some(bytes) = value.downcast_ref::<Bytes>() {
        format!("{} bytes", bytes.len())
    } else {
        "something else".to_owned()
    }
}
