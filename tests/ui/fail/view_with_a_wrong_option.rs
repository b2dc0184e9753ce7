use ps_serialize::serializer;

#[serializer(id = b"05")]
#[allow(dead_code)]
struct Sample {
    id: u64,
    #[serializer(frame)]
    image: Vec<u8>,
}

#[serializer(view = Sample, name = "other")]
#[allow(dead_code)]
struct View<'a> {
    #[serde(rename = "id")]
    id: u64,
    #[serializer(frame)]
    image: &'a [u8],
}

fn main() {}
