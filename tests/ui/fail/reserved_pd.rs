use ps_serialize::serializer;

#[serializer(id = b"PD")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Particle(f64);

fn main() {}
