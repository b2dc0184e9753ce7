use ps_serialize::serializer;

mod private {
    #[super::serializer(id = b"05")]
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Particle(f64);
}

fn main() {
    #[serializer(id = b"05")]
    #[derive(serde::Serialize, serde::Deserialize)]
    enum Event { Gone }
}
