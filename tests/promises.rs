//! The promises of the library, with a module for each. They are one program because each program that
//! links every feature is large.

#[cfg(all(feature = "ndarray", feature = "torch"))]
mod cases;
#[cfg(all(feature = "lz4", feature = "zstd"))]
mod compression;
mod debug;
mod figures;
mod frame;
mod golden;
mod guide;
mod hygiene;
mod identifier;
mod layout;
mod limits;
mod properties;
mod records;
mod round_trip;
mod rust_version;
mod std_traits;
#[cfg(feature = "safetensors")]
mod tensor_map;
#[cfg(all(feature = "ndarray", feature = "torch"))]
mod torch;

mod trait_objects;
#[cfg(feature = "pickle")]
mod value;
