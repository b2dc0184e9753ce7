#![forbid(unsafe_code)]
#![deny(warnings)]

use ps_serialize::serializer;

#[cfg_attr(feature = "other-id", serializer(id = b"06", codec = empty::Empty))]
#[cfg_attr(not(any(feature = "class", feature = "other-id")), serializer(id = b"05", codec = empty::Empty))]
#[cfg_attr(feature = "class", serializer(python = "sim.Particle"))]
#[cfg_attr(feature = "class", derive(serde::Serialize, serde::Deserialize))]
#[derive(Debug, Default)]
pub struct Right;
