use ps_serialize::serializer;

#[serializer(id = b"05", dyn)]
trait Shape: std::any::Any {}

fn main() {}
