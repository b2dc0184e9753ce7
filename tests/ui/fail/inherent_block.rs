use ps_serialize::serializer;

struct Particle;

#[serializer(id = b"05")]
impl Particle {}

fn main() {}
