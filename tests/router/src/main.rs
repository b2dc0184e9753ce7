//! Events of three crates through one channel. The router knows the trait, and none of the types that come through.
//!
//! `cargo run -p router`

use std::collections::BTreeMap;
use std::sync::mpsc;
use std::thread;

use ps_serialize::bytes::Bytes;
use ps_serialize::{Result, deserialize_dyn, serialize, serialize_any, serializer};
use router_events::{Batch, Event};
use router_orders::Placed;
use router_payments::Payment;
use serde::{Deserialize, Serialize};

/// An event of the program's own.
#[serializer(id = b"started", dyn = Event)]
#[derive(Debug, Serialize, Deserialize)]
struct Started;

impl Event for Started {
    fn topic(&self) -> &'static str {
        "program"
    }
}

/// A value that is no event.
#[serializer(id = b"settings")]
#[derive(Serialize, Deserialize)]
struct Settings {
    verbose: bool,
}

/// What the router has seen.
#[derive(Debug, Default)]
struct Router {
    topics: BTreeMap<&'static str, Vec<Box<dyn Event>>>,
    refused: Vec<String>,
}

impl Router {
    /// Takes one frame. The sender is a stranger: any frame may come.
    fn take(&mut self, frame: &Bytes) {
        match deserialize_dyn::<dyn Event>(frame) {
            Ok(event) => self.topics.entry(event.topic()).or_default().push(event),
            Err(error) => self.refused.push(format!("{error:#}")),
        }
    }
}

fn send(frames: &mpsc::Sender<Bytes>) -> Result<()> {
    let events: [Box<dyn Event>; 3] = [
        Box::new(Started),
        Box::new(Placed { order: 7, items: vec!["tea".to_owned(), "cup".to_owned()] }),
        Box::new(Payment::Received { order: 7, cents: 1250 }),
    ];
    for event in &events {
        // `&**event` is the object, not the box around it.
        frames.send(serialize_any(&**event)?).expect("the router listens");
    }
    let batch = Batch {
        number: 1,
        events: vec![
            Box::new(Payment::Refused { order: 8 }),
            Box::new(Placed { order: 9, items: Vec::new() }),
        ],
    };
    frames.send(serialize(&batch)?).expect("the router listens");
    frames.send(serialize(&Settings { verbose: true })?).expect("the router listens");
    Ok(())
}

fn route() -> Result<Router> {
    let (sender, frames) = mpsc::channel();
    let sent = thread::spawn(move || send(&sender));
    let mut router = Router::default();
    frames.iter().for_each(|frame| router.take(&frame));
    sent.join().expect("sending does not panic")?;
    Ok(router)
}

fn main() -> Result<()> {
    let router = route()?;
    for (topic, events) in &router.topics {
        for event in events {
            println!("{topic}: {event:?}");
        }
    }
    for error in &router.refused {
        println!("refused: {error}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_layout_of_any_crate_changes_unnoticed() {
        ps_serialize::registry().lock("ps-serialize.lock").unwrap();
    }

    #[test]
    fn events_go_to_their_topics_and_the_rest_is_refused() {
        let router = route().unwrap();
        let seen: Vec<_> = router
            .topics
            .iter()
            .flat_map(|(topic, events)| {
                events.iter().map(move |event| format!("{topic}: {event:?}"))
            })
            .collect();
        let expected = [
            "batches: Batch { number: 1, events: [Refused { order: 8 }, Placed { order: 9, items: [] }] }",
            "orders: Placed { order: 7, items: [\"tea\", \"cup\"] }",
            "payments: Received { order: 7, cents: 1250 }",
            "program: Started",
        ];
        assert_eq!(seen, expected);
        let [refused] = &router.refused[..] else { panic!("{:?}", router.refused) };
        for part in [
            "`settings`",
            "router::Settings",
            "dyn router_events::Event",
            "`started`",
            "`payment`",
            "`order placed`",
            "`event batch`",
        ] {
            assert!(refused.contains(part), "{part}: {refused}");
        }
    }
}
