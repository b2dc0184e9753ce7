use ps_serialize::serializer;

#[serializer(id = b" 05")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Particle(f64);

fn main() {}
