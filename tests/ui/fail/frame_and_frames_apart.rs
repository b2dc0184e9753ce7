use ps_serialize::serializer;

#[serializer(id = b"05")]
struct Sample {
    #[serializer(frames)]
    #[serializer(frame)]
    texts: Vec<String>,
}

fn main() {}
