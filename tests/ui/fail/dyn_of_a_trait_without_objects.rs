use ps_serialize::serializer;

trait Shape {
    fn double(&self) -> Self;
}

#[serializer(id = b"05", dyn = Shape)]
#[derive(serde::Serialize, serde::Deserialize)]
struct Circle {
    radius: f64,
}

impl Shape for Circle {
    fn double(&self) -> Self {
        Self { radius: 2.0 * self.radius }
    }
}

fn main() {}
