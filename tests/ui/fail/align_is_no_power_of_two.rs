use ps_serialize::{Payload, Result, Serializer, Sink, serializer};

struct Jpeg;

#[serializer(id = b"JP", align = 48)]
impl Serializer for Jpeg {
    type Value = u8;
    fn serialize<'a>(_: &'a u8, _: &mut dyn Sink<'a>) -> Result<()> { Ok(()) }
    fn deserialize(_: Payload<'_, '_>) -> Result<u8> { Ok(0) }
}

fn main() {}
