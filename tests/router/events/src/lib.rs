//! The trait that all events have. It knows none of them.

use std::any::Any;
use std::fmt::Debug;

use ps_serialize::serializer;

/// Something that has happened.
#[serializer(dyn)]
pub trait Event: Any + Debug + Send + Sync {
    /// Where the event goes.
    fn topic(&self) -> &'static str;
}

/// Events that travel together.
#[serializer(id = b"event batch", dyn = Event)]
#[derive(Debug)]
pub struct Batch {
    /// The number of the batch.
    pub number: u64,
    /// The events, each of any type.
    #[serializer(frames)]
    pub events: Vec<Box<dyn Event>>,
}

impl Event for Batch {
    fn topic(&self) -> &'static str {
        "batches"
    }
}
