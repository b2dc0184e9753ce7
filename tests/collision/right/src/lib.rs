#![forbid(unsafe_code)]
#![deny(warnings)]

use empty::Empty;
use ps_serialize::serializer;

#[cfg_attr(feature = "other-id", serializer(id = b"06", codec = Empty))]
#[cfg_attr(not(feature = "other-id"), serializer(id = b"05", codec = Empty))]
#[derive(Debug, Default)]
pub struct Right;
