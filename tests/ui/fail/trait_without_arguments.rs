use ps_serialize::serializer;

#[serializer]
trait Shape: std::any::Any {}

fn main() {}
