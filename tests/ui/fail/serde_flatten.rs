use serde::{Deserialize, Serialize};

#[ps_serialize::serializer(id = b"05")]
#[derive(Serialize, Deserialize)]
struct Record {
    a: u32,
    #[serde(flatten)]
    more: std::collections::BTreeMap<String, u32>,
}

fn main() {}
