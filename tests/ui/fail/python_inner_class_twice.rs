#[ps_serialize::serializer(python = "sim:Outer.Particle")]
#[derive(serde::Serialize, serde::Deserialize)]
pub struct Particle {
    pub mass: f64,
}

#[ps_serialize::serializer(python = "sim.Outer.Particle")]
#[derive(serde::Serialize, serde::Deserialize)]
pub struct Other {
    pub charge: i8,
}

fn main() {}
