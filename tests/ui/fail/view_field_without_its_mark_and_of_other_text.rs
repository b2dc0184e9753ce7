use ps_serialize::serializer;

#[serializer(id = b"05")]
#[allow(dead_code)]
struct Sample {
    id: u64,
    #[serializer(frame)]
    image: Vec<u8>,
}

#[serializer(view = Sample)]
#[allow(dead_code)]
struct View<'a> {
    id: u64,
    image: &'a str,
}

fn main() {}
