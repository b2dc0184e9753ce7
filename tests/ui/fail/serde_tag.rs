use serde::{Deserialize, Serialize};

#[ps_serialize::serializer(id = b"05")]
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", content = "value")]
enum Either {
    Number(u32),
    Text(String),
}

fn main() {}
