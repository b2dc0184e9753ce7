use ps_serialize::serializer;

trait Shape {}

#[serializer(dyn, dyn = Shape)]
trait Round: std::any::Any {}

fn main() {}
