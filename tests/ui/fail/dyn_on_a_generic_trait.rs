use ps_serialize::serializer;

#[serializer(dyn)]
trait Shape<T>: std::any::Any {}

fn main() {}
