use ps_serialize::serializer;

#[serializer(id = b"05", codecs = ps_serialize::Bincode)]
#[derive(serde::Serialize, serde::Deserialize)]
struct Particle(f64);

fn main() {}
