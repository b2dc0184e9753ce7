use ps_serialize::{Wincode, serializer};

#[serializer(id = b"05", codec = Wincode)]
enum Sample {
    Text(#[serializer(frame)] String),
    #[cfg(all())]
    Other(u8),
}

fn main() {}
