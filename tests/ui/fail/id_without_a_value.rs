use ps_serialize::serializer;

#[serializer(id = )]
#[derive(serde::Serialize, serde::Deserialize)]
struct Particle(f64);

fn main() {}
