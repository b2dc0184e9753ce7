use ps_serialize::serializer;

#[serializer(id = b"05")]
struct Sample {
    #[serializer(frames)]
    raw: Vec<u8>,
}

fn main() {}
