use ps_serialize::serializer;

trait Shape: std::any::Any + Send + Sync {}

#[serializer(id = b"05")]
struct Drawing {
    title: String,
    #[serializer(frames)]
    shapes: Vec<Box<dyn Shape>>,
}

fn main() {}
