use ps_serialize::serializer;

#[serializer(id = b"05")]
struct Sample {
    #[serializer(frames)]
    raw: Vec<&'static [u8]>,
}

fn main() {}
