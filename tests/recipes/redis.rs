//! Values of many kinds in Redis.

use std::any::Any;

use ps_serialize::{Serializable, deserialize_any, serialize, serializer};
use redis::{Commands, Connection};

use crate::Result;
use crate::server::Server;

#[serializer(id = b"r1")]
#[derive(serde::Serialize, serde::Deserialize, Debug, PartialEq)]
struct Reading {
    sensor: String,
    celsius: f64,
}

/// Keeps a value of any kind for an hour.
fn put<T: Serializable + ?Sized>(redis: &mut Connection, key: &str, value: &T) -> Result<()> {
    let frame = serialize(value)?;
    redis.set_ex::<_, _, ()>(key, &frame[..], 3600)?;
    Ok(())
}

/// The value, whatever it is, if there is one.
fn get(redis: &mut Connection, key: &str) -> Result<Option<Box<dyn Any + Send + Sync>>> {
    let frame: Option<Vec<u8>> = redis.get(key)?;
    Ok(frame.map(|frame| deserialize_any(&frame)).transpose()?)
}

#[test]
fn values_of_two_kinds_come_back() -> Result<()> {
    let command = ["redis-server", "--bind", "127.0.0.1", "--save", "", "--port"];
    let Some(server) = Server::start(&command) else { return Ok(()) };
    let client = redis::Client::open(format!("redis://127.0.0.1:{}", server.port))?;
    let mut redis = client.get_connection()?;

    let reading = Reading { sensor: "roof".to_owned(), celsius: 21.5 };
    put(&mut redis, "last", &reading)?;
    put(&mut redis, "note", "calibrated")?;
    let last = get(&mut redis, "last")?.and_then(|value| value.downcast::<Reading>().ok());
    assert_eq!(last, Some(Box::new(reading)));
    let note = get(&mut redis, "note")?.and_then(|value| value.downcast::<String>().ok());
    assert_eq!(note.as_deref().map(String::as_str), Some("calibrated"));
    assert!(get(&mut redis, "nothing")?.is_none());
    Ok(())
}
