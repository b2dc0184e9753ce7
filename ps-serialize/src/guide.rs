//! The guide: from the first frame to programs that strangers talk to.
//!
//! | page | |
//! |---|---|
//! | [Quick start](quick_start) | from `cargo new` to a value that another process reads |
//! | [Records](records) | types that hold arrays, tables and numbers; views that borrow from them |
//! | [Trait objects](trait_objects) | frames of any type of a trait |
//! | [Serializers](serializers) | formats of your own, types of other crates, values that borrow or share |
//! | [Identifiers](identifiers) | how to choose them, and what happens if two are the same |
//! | [Python](python) | what ProxyStore writes and reads, type by type |
//! | [Python classes](python_classes) | types that are instances of a class in Python: dataclasses, pydantic models, enums |
//! | [Performance](performance) | which verb to use when |
//! | [Security](security) | frames from strangers; the library's `unsafe` blocks |
//! | [Platforms](platforms) | what works where, and what was tested |
//! | [Stability](stability) | what never changes, and what may |
//! | [The lock](lock) | the file that says what every identifier means |
//! | [A worker](worker) | a Rust program that takes work from a Python program, through a ProxyStore `Store` |
//! | [Recipes](recipes) | Redis, S3, NATS, mapped files, tokio, HTTP |
//!
//! These pages are part of the documentation only; programs do not contain them.

#[doc = include_str!("guide/quick_start.md")]
pub mod quick_start {}

#[doc = include_str!("guide/records.md")]
pub mod records {}

#[doc = include_str!("guide/trait_objects.md")]
pub mod trait_objects {}

#[doc = include_str!("guide/serializers.md")]
pub mod serializers {}

#[doc = include_str!("guide/identifiers.md")]
pub mod identifiers {}

#[doc = include_str!("guide/python.md")]
pub mod python {}

#[doc = include_str!("guide/python_classes.md")]
pub mod python_classes {}

#[doc = include_str!("guide/performance.md")]
pub mod performance {}

#[doc = include_str!("guide/security.md")]
pub mod security {}

#[doc = include_str!("guide/platforms.md")]
pub mod platforms {}

#[doc = include_str!("guide/stability.md")]
pub mod stability {}

#[doc = include_str!("guide/lock.md")]
pub mod lock {}

#[doc = include_str!("guide/worker.md")]
pub mod worker {}

#[doc = include_str!("guide/recipes.md")]
pub mod recipes {}
