#[ps_serialize::serializer(id = b"05", positional)]
#[derive(serde::Serialize, serde::Deserialize)]
struct Particle {
    mass: f64,
}

fn main() {
    let _ = ps_serialize::serialize(&Particle { mass: 1.0 });
}
