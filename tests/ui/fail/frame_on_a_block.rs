use ps_serialize::{Payload, Result, Serializer, Sink, serializer};

struct Address;

#[serializer(id = b"05", frames)]
impl Serializer for Address {
    type Value = u8;

    fn serialize<'a>(value: &'a u8, out: &mut dyn Sink<'a>) -> Result<()> {
        out.put(&[*value]);
        Ok(())
    }

    fn deserialize(payload: Payload<'_, '_>) -> Result<u8> {
        Ok(payload[0])
    }
}

fn main() {}
