use ps_serialize::{Payload, Result, Serializer, Sink, serializer};

struct Numbers<T>(T);

#[serializer(id = b"05")]
impl<T> Serializer for Numbers<T> {
    type Value = Vec<T>;
    fn serialize<'a>(_: &'a Vec<T>, _: &mut dyn Sink<'a>) -> Result<()> { todo!() }
    fn deserialize(_: Payload<'_, '_>) -> Result<Vec<T>> { todo!() }
}

fn main() {}
