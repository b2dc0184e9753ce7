use serde::{Deserialize, Serialize};

#[ps_serialize::serializer(id = b"05")]
#[derive(Serialize, Deserialize)]
enum Mid {
    A,
    #[serde(skip)]
    B,
    C(u64),
    D(u64),
}

fn main() {}
