//! Events of payments.

use ps_serialize::serializer;
use router_events::Event;
use serde::{Deserialize, Serialize};

/// What became of a payment.
#[serializer(id = b"payment", dyn = Event)]
#[derive(Debug, Serialize, Deserialize)]
pub enum Payment {
    /// The money has come.
    Received {
        /// The number of the order.
        order: u64,
        /// How much, in cents.
        cents: u64,
    },
    /// The bank has refused.
    Refused {
        /// The number of the order.
        order: u64,
    },
}

impl Event for Payment {
    fn topic(&self) -> &'static str {
        "payments"
    }
}
