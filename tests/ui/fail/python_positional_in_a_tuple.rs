#[ps_serialize::serializer(python = "sim.Particle", positional)]
#[derive(serde::Serialize, serde::Deserialize)]
struct Particle(f64, i8);

fn main() {
    let _ = ps_serialize::serialize(&Particle(1.0, 1));
}
