struct Particle;

fn main() {
    let _ = ps_serialize::deserialize::<Particle>(b"05\n");
}
