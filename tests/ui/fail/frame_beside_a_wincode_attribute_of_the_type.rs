use ps_serialize::{Wincode, serializer};

#[serializer(id = b"05", codec = Wincode)]
#[wincode(tag_encoding = "u8")]
enum Sample {
    Text(#[serializer(frame)] String),
}

fn main() {}
