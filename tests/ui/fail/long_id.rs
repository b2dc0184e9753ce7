use ps_serialize::serializer;

#[serializer(id = b"an identifier of thirty-three byt")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Particle(f64);

fn main() {}
