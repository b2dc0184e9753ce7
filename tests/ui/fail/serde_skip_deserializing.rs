use serde::{Deserialize, Serialize};

#[ps_serialize::serializer(id = b"05")]
#[derive(Serialize, Deserialize)]
struct Record(u32, #[serde(skip_deserializing)] u32);

fn main() {}
