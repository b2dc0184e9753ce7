use serde::{Deserialize, Serialize};

#[ps_serialize::serializer(id = b"05")]
#[derive(Serialize, Deserialize)]
enum Either {
    Number(u32),
    #[serde(untagged)]
    Text(String),
}

fn main() {}
