//! The recipes of the guide, one file each, and that the guide shows lines of theirs.
//!
//! The recipes for Redis and NATS start a server of their own, and say so if there is none to start.

mod http;
mod mmap;
mod nats;
mod object_store;
mod redis;
mod server;
mod shown;
mod tokio;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;
