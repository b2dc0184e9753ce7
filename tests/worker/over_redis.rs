//! The worker beside a `RedisConnector`.

use bytes::Bytes;
use redis::{Commands, Connection};

use crate::Result;
use crate::server::Server;
use crate::worker::{LARGEST, answer, new_key};

/// The seconds after which an answer that nobody fetched is gone.
const HOUR: u32 = 3600;

/// Answers each key that Python puts into the list `work`, until one is `stop`.
fn work(redis: &mut Connection) -> Result<()> {
    loop {
        let (_, key): (String, Vec<u8>) = redis.blpop("work", 0.0)?;
        if key == b"stop" {
            return Ok(());
        }
        let answer = answer(get(redis, &key))?;
        let (answer_key, answers) = (new_key()?, [b"answers:", &key[..]].concat());
        redis::pipe()
            .atomic()
            .set_ex(&answer_key, &answer[..], HOUR.into())
            .rpush(&answers, &answer_key)
            .expire(&answers, HOUR.into())
            .exec(redis)?;
    }
}

/// The frame under a key, and never more of it than one byte above the limit.
fn get(redis: &mut Connection, key: &[u8]) -> Result<Bytes> {
    let frame: Vec<u8> = redis.getrange(key, 0, LARGEST.cast_signed())?;
    if frame.is_empty() { Err("nothing is under this key".into()) } else { Ok(frame.into()) }
}

#[test]
fn python_goes_on_with_the_answers() {
    let command = ["redis-server", "--bind", "127.0.0.1", "--save", "", "--port"];
    let Some(server) = Server::start(&command) else { return };
    let client = redis::Client::open(format!("redis://127.0.0.1:{}", server.port)).unwrap();
    let connect = || client.get_connection().unwrap();
    let mut connection = connect();
    let worker = std::thread::spawn(move || work(&mut connection));
    let status = crate::python("over_redis.py").arg(server.port.to_string()).status().unwrap();
    connect().rpush::<_, _, ()>("work", "stop").unwrap();
    worker.join().unwrap().unwrap();
    assert!(status.success(), "{status}");
}
