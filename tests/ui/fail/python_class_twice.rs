mod one {
    #[ps_serialize::serializer(python = "sim.Particle")]
    #[derive(serde::Serialize, serde::Deserialize)]
    pub struct Particle {
        pub mass: f64,
    }
}

mod other {
    #[ps_serialize::serializer(python = "sim.Particle")]
    #[derive(serde::Serialize, serde::Deserialize)]
    pub struct Particle {
        pub charge: i8,
    }
}

fn main() {}
