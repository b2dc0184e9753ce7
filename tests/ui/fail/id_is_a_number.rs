use ps_serialize::serializer;

#[serializer(id = 5)]
#[derive(serde::Serialize, serde::Deserialize)]
struct Particle(f64);

fn main() {}
