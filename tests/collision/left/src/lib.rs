#![forbid(unsafe_code)]
#![deny(warnings)]

use empty::Empty;
use ps_serialize::serializer;

#[serializer(id = b"05", codec = Empty)]
#[derive(Debug, Default)]
pub struct Left;
