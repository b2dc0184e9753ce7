use serde::{Deserialize, Serialize};

#[ps_serialize::serializer(id = b"05")]
#[derive(Serialize, Deserialize)]
struct Record {
    #[serde(skip_serializing, default)]
    a: u32,
    b: u32,
}

fn main() {}
