use ps_serialize::{Wincode, serializer};

#[serializer(id = b"05", codec = Wincode)]
enum Sample {
    #[wincode(tag = 7)]
    Text(#[serializer(frame)] String),
}

fn main() {}
