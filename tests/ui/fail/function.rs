use ps_serialize::serializer;

#[serializer(id = b"05")]
fn particle() {}

fn main() {}
