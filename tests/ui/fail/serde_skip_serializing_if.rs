use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[ps_serialize::serializer(id = b"05", codec = ps_serialize::Bincode)]
enum Event {
    Read {
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        ids: Vec<u64>,
        groups: Vec<Vec<u64>>,
    },
    // What is never written can be left out now and then.
    Written(u8, #[serde(skip, skip_serializing_if = "Option::is_none")] Option<u8>),
}

fn main() {}
