use ps_serialize::serializer;

struct Mine;

#[serializer(id = b"05", codec = Mine)]
struct Particle(f64);

fn main() {}
