//! Messages of many kinds on one NATS subject.

use async_nats::{Client, Message};
use futures_util::StreamExt;
use ps_serialize::{Options, Serializable, serialize, serializer};

use crate::Result;
use crate::server::Server;

#[serializer(id = b"n1")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Opened {
    door: u32,
}

#[serializer(id = b"n2")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Closed {
    door: u32,
    locked: bool,
}

/// NATS takes the frame as it is, without another copy.
async fn publish<T: Serializable>(nats: &Client, event: &T) -> Result<()> {
    nats.publish("doors", serialize(event)?).await?;
    Ok(())
}

/// What a message says: its frame tells which type it is of.
fn describe(message: &Message) -> Result<String> {
    let event = Options::new().size_limit(1 << 20).deserialize_any(&message.payload)?;
    Ok(if let Some(Opened { door }) = event.downcast_ref() {
        format!("door {door} is open")
    } else if let Some(Closed { door, locked }) = event.downcast_ref() {
        format!("door {door} is {}", if *locked { "locked" } else { "closed" })
    } else {
        "something else happened".to_owned()
    })
}

#[tokio::test]
async fn messages_of_two_kinds_arrive() -> Result<()> {
    let Some(server) = Server::start(&["nats-server", "--addr", "127.0.0.1", "--port"]) else {
        return Ok(());
    };
    let nats = async_nats::connect(format!("127.0.0.1:{}", server.port)).await?;
    let messages = nats.subscribe("doors").await?;
    publish(&nats, &Opened { door: 1 }).await?;
    publish(&nats, &Closed { door: 1, locked: true }).await?;
    publish(&nats, &"what?").await?;
    let said: Vec<_> = messages.take(3).map(|message| describe(&message)).collect().await;
    let said: Vec<_> = said.into_iter().collect::<Result<_>>()?;
    assert_eq!(said, ["door 1 is open", "door 1 is locked", "something else happened"]);
    Ok(())
}
