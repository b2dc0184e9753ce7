use serde::{Deserialize, Serialize};

#[ps_serialize::serializer(id = b"05")]
#[derive(Serialize, Deserialize)]
#[serde(tag = "type")]
struct Record {
    a: u32,
}

fn main() {}
