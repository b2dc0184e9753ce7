use ps_serialize::serializer;

#[serializer(id = b"05")]
#[derive(Default)]
#[serde(default)]
struct Sample {
    #[serializer(frame)]
    text: String,
}

fn main() {}
