use ps_serialize::serializer;

#[serializer(id = "05", nam = "particle")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Particle(f64);

fn main() {}
