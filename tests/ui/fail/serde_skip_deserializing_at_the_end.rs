use serde::{Deserialize, Serialize};

#[ps_serialize::serializer(id = b"05")]
#[derive(Serialize, Deserialize)]
enum Mid {
    A,
    #[serde(skip_serializing)]
    B,
    #[serde(skip_deserializing)]
    C(u64),
}

fn main() {}
