use ps_serialize::serializer;

struct Shape;

#[serializer(id = b"05", dyn = Shape)]
#[derive(serde::Serialize, serde::Deserialize)]
struct Circle {
    radius: f64,
}

fn main() {}
