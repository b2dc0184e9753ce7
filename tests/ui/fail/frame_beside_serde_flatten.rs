use ps_serialize::serializer;

#[derive(serde::Serialize, serde::Deserialize)]
struct Plain {
    number: u8,
}

#[serializer(id = b"05")]
struct Sample {
    #[serializer(frame)]
    text: String,
    #[serde(flatten)]
    other: Plain,
}

fn main() {}
