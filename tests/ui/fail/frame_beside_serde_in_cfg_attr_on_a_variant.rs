use ps_serialize::serializer;

#[serializer(id = b"05")]
enum Sample {
    #[cfg_attr(all(), serde(rename = "other"))]
    Text(#[serializer(frame)] String),
}

fn main() {}
