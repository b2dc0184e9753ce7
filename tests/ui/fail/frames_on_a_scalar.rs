use ps_serialize::serializer;

#[serializer(id = b"05")]
struct Sample {
    #[serializer(frames)]
    mass: f64,
}

fn main() {}
