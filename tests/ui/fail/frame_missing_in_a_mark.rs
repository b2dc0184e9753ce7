use ps_serialize::serializer;

#[serializer(id = b"05")]
struct Sample {
    #[serializer]
    text: String,
}

fn main() {}
