use ps_serialize::serializer;

#[serializer(dyn)]
trait Shape: std::any::Any {}

#[serializer(id = b"05")]
struct Drawing {
    #[serializer(frame)]
    shape: Box<dyn Shape>,
}

fn main() {}
