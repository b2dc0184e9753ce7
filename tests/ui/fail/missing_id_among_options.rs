use ps_serialize::serializer;

#[serializer(name = "particle")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Particle(f64);

fn main() {}
