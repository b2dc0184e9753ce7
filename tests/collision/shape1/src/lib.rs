use empty::Empty;
use ps_serialize::serializer;

#[serializer(id = b"sh", codec = Empty)]
#[derive(Debug, Default)]
pub struct Shape;
