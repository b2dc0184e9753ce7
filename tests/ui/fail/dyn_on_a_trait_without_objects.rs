use ps_serialize::serializer;

#[serializer(dyn)]
trait Shape: std::any::Any {
    fn double(&self) -> Self;
}

fn main() {}
