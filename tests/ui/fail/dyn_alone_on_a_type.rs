use ps_serialize::serializer;

#[serializer(dyn)]
struct Circle {
    radius: f64,
}

fn main() {}
