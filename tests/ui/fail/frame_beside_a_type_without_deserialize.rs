use ps_serialize::serializer;

#[derive(serde::Serialize)]
struct Plain;

#[serializer(id = b"05")]
struct Sample(#[serializer(frame)] String, Plain);

fn main() {}
