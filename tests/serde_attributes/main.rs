//! Every attribute of serde's, on a struct, a tuple struct and an enum, alone and inside of other
//! types: what is written is read as the same value, or it is refused when it is written.
//!
//! Attributes that the macro sees on an annotated type and refuses are in `ui/fail/serde_*`.

// Some variants and fields are there to be skipped, and serde hands out references to all.
#![allow(
    dead_code,
    clippy::cast_possible_truncation,
    clippy::similar_names,
    clippy::trivially_copy_pass_by_ref,
    clippy::type_complexity
)]

mod container;
mod field;
mod messagepack;
mod one_sided;
mod outputs;
mod settled;
mod tables;
mod variant;
