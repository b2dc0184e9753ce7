use empty::Empty;
use ps_serialize::serializer;

#[serializer(id = b"mo", codec = Empty)]
#[derive(Debug, Default)]
pub struct Model;
