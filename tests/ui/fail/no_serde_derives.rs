use ps_serialize::serializer;

#[serializer(id = b"05")]
struct Particle(f64);

fn main() {}
