use ps_serialize::serializer;

struct Particle;

#[serializer(id = b"05")]
impl Clone for Particle {
    fn clone(&self) -> Self {
        Particle
    }
}

fn main() {}
