use ps_serialize::serializer;

#[serializer(id = b"05")]
struct Sample {
    #[serializer(frame)]
    text: String,
    #[cfg_attr(all(), serde(with = "elsewhere"))]
    other: u8,
}

fn main() {}
