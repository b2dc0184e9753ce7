use ps_serialize::serializer;

#[serializer(id = PARTICLE)]
#[derive(serde::Serialize, serde::Deserialize)]
struct Particle(f64);

fn main() {}
