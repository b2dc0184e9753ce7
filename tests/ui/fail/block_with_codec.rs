use ps_serialize::{Result, Serializer, Sink, serializer};

struct Jpeg;

#[serializer(id = b"JP", codec = ps_serialize::Bincode)]
impl Serializer for Jpeg {
    type Value = u8;
    fn serialize<'a>(_: &'a u8, _: &mut dyn Sink<'a>) -> Result<()> { Ok(()) }
    fn deserialize(_: &[u8]) -> Result<u8> { Ok(0) }
}

fn main() {}
