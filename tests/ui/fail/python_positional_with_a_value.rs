#[ps_serialize::serializer(python = "sim.Particle", positional = true)]
#[derive(serde::Serialize, serde::Deserialize)]
struct Particle {
    mass: f64,
}

fn main() {
    let _ = ps_serialize::serialize(&Particle { mass: 1.0 });
}
