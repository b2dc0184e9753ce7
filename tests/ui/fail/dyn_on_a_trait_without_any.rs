use ps_serialize::serializer;

#[serializer(dyn)]
trait Shape {}

fn main() {}
