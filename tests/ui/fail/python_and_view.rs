#[ps_serialize::serializer(id = b"05")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Particle {
    mass: f64,
}

#[ps_serialize::serializer(view = Particle, python = "sim.Particle")]
struct ParticleView {
    mass: f64,
}

fn main() {}
