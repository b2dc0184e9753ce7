use ps_serialize::serializer;

#[serializer(b"M1")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Particle(f64);

fn main() {}
