use ps_serialize::serializer;
use std::collections::BTreeMap;

#[serializer(id = b"05")]
struct Sample {
    #[serializer(frames)]
    texts: BTreeMap<u32, String>,
}

fn main() {}
