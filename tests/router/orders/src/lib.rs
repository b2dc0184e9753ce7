//! Events of orders.

use ps_serialize::serializer;
use router_events::Event;
use serde::{Deserialize, Serialize};

/// Somebody has ordered something.
#[serializer(id = b"order placed", dyn = Event)]
#[derive(Debug, Serialize, Deserialize)]
pub struct Placed {
    /// The number of the order.
    pub order: u64,
    /// What was ordered.
    pub items: Vec<String>,
}

impl Event for Placed {
    fn topic(&self) -> &'static str {
        "orders"
    }
}
