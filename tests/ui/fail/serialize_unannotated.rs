struct Particle(f64);

fn main() {
    let _ = ps_serialize::serialize(&Particle(1.0));
}
