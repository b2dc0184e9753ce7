use ps_serialize::{Wincode, serializer};

struct Plain;

#[serializer(id = b"05", codec = Wincode)]
struct Sample {
    #[serializer(frame)]
    text: String,
    other: Plain,
}

fn main() {}
