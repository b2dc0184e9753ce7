use serde::{Deserialize, Serialize};

#[ps_serialize::serializer(id = b"05")]
#[derive(Serialize, Deserialize)]
struct Record {
    a: u32,
    text: &'static str,
}

fn main() {}
