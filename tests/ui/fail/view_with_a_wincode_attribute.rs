use ps_serialize::{Wincode, serializer};

#[serializer(id = b"05", codec = Wincode)]
#[allow(dead_code)]
struct Sample {
    id: u64,
    #[serializer(frame)]
    image: Vec<u8>,
}

#[serializer(view = Sample, codec = Wincode)]
#[allow(dead_code)]
struct View {
    #[wincode(skip)]
    id: u64,
}

fn main() {}
