use ps_serialize::serializer;

trait Shape {}

#[serializer(id = b"05", dyn = Shape, dyn = Shape)]
#[derive(serde::Serialize, serde::Deserialize)]
struct Circle {
    radius: f64,
}

impl Shape for Circle {}

fn main() {}
