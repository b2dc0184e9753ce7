use ps_serialize::serializer;

#[serializer(id = b"05")]
struct Sample {
    #[serializer(frame)]
    text: String,
    other: &'static str,
}

fn main() {}
