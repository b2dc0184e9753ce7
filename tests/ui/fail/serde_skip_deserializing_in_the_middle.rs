use serde::{Deserialize, Serialize};

#[ps_serialize::serializer(id = b"05")]
#[derive(Serialize, Deserialize)]
enum Mid {
    A,
    #[serde(skip_deserializing)]
    B,
    #[serde(other)]
    C,
}

fn main() {}
