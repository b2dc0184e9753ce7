use serde::{Deserialize, Serialize};

#[ps_serialize::serializer(id = b"05")]
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Either {
    Number(u32),
    Text(String),
}

fn main() {}
