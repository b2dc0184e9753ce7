use ps_serialize::serializer;

#[serializer(id = b"05")]
struct Sample {
    #[serializer(frame)]
    #[serializer(frame)]
    text: String,
}

fn main() {}
