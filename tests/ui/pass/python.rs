//! Everything that `python` goes on.

use ps_serialize::{deserialize, deserialize_with, serialize, serialize_with, serializer};
use serde::{Deserialize, Serialize};

#[serializer(python = "sim.Named", name = "a class")]
#[derive(Serialize, Deserialize)]
struct Named {
    r#type: u8,
    text: String,
}

#[derive(Serialize, Deserialize)]
struct Pair<T>(T, T);

#[serializer(python = "sim.Floats")]
type Floats = Pair<f64>;

#[derive(Serialize, Deserialize)]
struct Two<T> {
    one: T,
    two: T,
}

#[serializer(positional, python = "sim:Outer.Inner.Two", name = "two")]
type TwoFloats = Two<f64>;

struct Seconds;

#[serializer(python = "sim.Seconds")]
impl ps_serialize::Serializer for Seconds {
    type Value = std::time::Duration;
}

#[serializer(python = "sim.Größe")]
#[derive(Serialize, Deserialize)]
#[cfg(all())]
enum Size {
    #[cfg(any())]
    None = -7,
    Small = -1,
    Large = 1 << 40,
}

#[serializer(python = "sim.Image")]
struct Image {
    r#type: u8,
    #[serializer(frame)]
    #[cfg(all())]
    pixels: Vec<u8>,
    #[cfg(any())]
    missing: Missing,
    #[serializer(frames)]
    names: Vec<String>,
}

fn main() -> ps_serialize::Result<()> {
    let frame = serialize(&Named { r#type: 1, text: String::new() })?;
    assert_eq!(deserialize::<Named>(&frame)?.r#type, 1);
    assert_eq!(deserialize::<Floats>(&serialize(&Pair(1.0, 2.0))?)?.1, 2.0);
    assert_eq!(deserialize::<TwoFloats>(&serialize(&Two { one: 1.0, two: 2.0 })?)?.two, 2.0);
    let second = std::time::Duration::from_secs(1);
    assert_eq!(deserialize_with::<Seconds>(&serialize_with::<Seconds>(&second)?)?, second);
    assert!(matches!(deserialize(&serialize(&Size::Large)?)?, Size::Large));
    let image = Image { r#type: 2, pixels: vec![7], names: vec!["a".to_owned()] };
    let image: Image = deserialize(&serialize(&image)?)?;
    assert_eq!((image.r#type, image.pixels, image.names.len()), (2, vec![7], 1));
    Ok(())
}
