use ps_serialize::serializer;

#[serializer(id = b"05")]
struct Sample {
    #[serializer(fram)]
    text: String,
}

fn main() {}
