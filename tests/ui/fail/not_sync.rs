use std::cell::Cell;

use ps_serialize::{Payload, Result, Serializer, Sink, serializer};

struct Shared;

#[serializer(id = b"05")]
impl Serializer for Shared {
    type Value = Cell<u8>;
    fn serialize<'a>(_: &'a Cell<u8>, _: &mut dyn Sink<'a>) -> Result<()> { Ok(()) }
    fn deserialize(_: Payload<'_, '_>) -> Result<Cell<u8>> { Ok(Cell::new(0)) }
}

fn main() {}
