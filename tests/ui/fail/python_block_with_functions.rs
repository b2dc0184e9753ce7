use ps_serialize::{Payload, Result, Serializer, Sink, serializer};

struct Seconds;

#[serializer(python = "sim.Seconds")]
impl Serializer for Seconds {
    type Value = std::time::Duration;

    fn serialize<'a>(_: &'a Self::Value, _: &mut dyn Sink<'a>) -> Result<()> {
        Ok(())
    }

    fn deserialize(_: Payload<'_, '_>) -> Result<Self::Value> {
        Ok(Self::Value::ZERO)
    }
}

fn main() {}
