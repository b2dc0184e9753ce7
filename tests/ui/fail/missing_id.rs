use ps_serialize::serializer;

#[serializer]
#[derive(serde::Serialize, serde::Deserialize)]
struct Particle(f64);

fn main() {
    // No second error: the type still has its impls.
    let _ = ps_serialize::serialize(&Particle(1.0));
}
