use ps_serialize::{Wincode, serializer};

#[serializer(id = b"05", codec = Wincode)]
struct Sample {
    #[serializer(frame)]
    text: String,
    #[wincode(skip)]
    other: u8,
}

fn main() {}
