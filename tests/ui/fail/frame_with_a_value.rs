use ps_serialize::serializer;

#[serializer(id = b"05")]
struct Sample {
    #[serializer(frame = true)]
    text: String,
}

fn main() {}
