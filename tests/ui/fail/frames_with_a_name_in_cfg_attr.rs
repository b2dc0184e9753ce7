use ps_serialize::serializer;

#[serializer(id = b"05")]
struct Sample {
    #[serializer(frames)]
    #[cfg_attr(all(), serde(rename = "other"))]
    texts: Vec<String>,
}

fn main() {}
