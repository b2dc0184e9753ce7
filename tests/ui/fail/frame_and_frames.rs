use ps_serialize::serializer;

#[serializer(id = b"05")]
struct Sample {
    #[serializer(frame, frames)]
    texts: Vec<String>,
}

fn main() {}
