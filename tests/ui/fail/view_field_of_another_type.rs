use ps_serialize::serializer;

#[serializer(id = b"05")]
#[derive(serde::Serialize, serde::Deserialize)]
#[allow(dead_code)]
struct Sample {
    id: u64,
    label: String,
}

#[serializer(view = Sample)]
#[allow(dead_code)]
struct View<'a> {
    id: u32,
    label: &'a str,
}

fn main() {}
