use ps_serialize::serializer;

#[serializer(id = b"05")]
struct Sample {
    #[cfg_attr(all(), serializer(frame))]
    text: String,
}

fn main() {}
