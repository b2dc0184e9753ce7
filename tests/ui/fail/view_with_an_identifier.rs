use ps_serialize::serializer;

#[serializer(id = b"05")]
#[derive(serde::Serialize, serde::Deserialize)]
#[allow(dead_code)]
struct Sample {
    id: u64,
}

#[serializer(id = b"06", view = Sample)]
#[allow(dead_code)]
struct View {
    id: u64,
}

fn main() {}
