use std::rc::Rc;

use ps_serialize::{Payload, Result, Serializer, Sink, serializer};

struct Shared;

#[serializer(id = b"05")]
impl Serializer for Shared {
    type Value = Rc<u8>;
    fn serialize<'a>(_: &'a Rc<u8>, _: &mut dyn Sink<'a>) -> Result<()> { Ok(()) }
    fn deserialize(_: Payload<'_, '_>) -> Result<Rc<u8>> { Ok(Rc::new(0)) }
}

fn main() {}
