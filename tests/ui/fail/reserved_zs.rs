use ps_serialize::serializer;

#[serializer(id = b"ZS")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Particle(f64);

fn main() {}
