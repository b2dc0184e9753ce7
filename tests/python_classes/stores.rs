//! Instances that go through stores of the real ProxyStore, both ways.

use ndarray::{Array1, array};
use ps_serialize::{deserialize, deserialize_any, serialize, serializer};
use serde::{Deserialize, Serialize};
use support::{from_hex, hex};

use crate::server::Server;
use crate::start;

#[serializer(python = "stores.Settings")]
#[derive(Serialize, Deserialize, Debug, PartialEq, Clone)]
struct Settings {
    rate: u32,
    mode: Mode,
    label: Option<String>,
}

#[serializer(python = "stores.Mode")]
#[derive(Serialize, Deserialize, Debug, PartialEq, Clone, Copy)]
#[serde(rename_all = "UPPERCASE")]
enum Mode {
    Fast = 1,
    Exact = 2,
}

#[serializer(python = "stores.Run")]
#[derive(Debug, PartialEq, Clone)]
struct Run {
    settings: Settings,
    #[serializer(frame)]
    samples: Array1<f32>,
}

const RUN: &str =
    "stores.Run(stores.Settings(rate=7, mode=stores.Mode.EXACT), np.array([0.5, 1.5], 'f4'))";

fn run() -> Run {
    let settings = Settings { rate: 7, mode: Mode::Exact, label: None };
    Run { settings, samples: array![0.5, 1.5] }
}

/// What Python says of the run that Rust wrote.
const SAID: &str = "Settings(rate=8, mode=<Mode.FAST: 1>, label='l'), [2.5] float32";

fn answer() -> Run {
    let settings = Settings { rate: 8, mode: Mode::Fast, label: Some("l".to_owned()) };
    Run { settings, samples: array![2.5] }
}

#[test]
fn instances_go_through_a_store_with_a_file_connector() {
    let mut python = start();
    let folder = std::env::temp_dir().join(format!("python-classes-{}", std::process::id()));
    let path = folder.to_str().unwrap();
    let file = python.say(b"US\n", &format!("put({path:?}, {RUN})"));
    let frame = std::fs::read(&file).unwrap();
    assert_eq!(deserialize::<Run>(&frame).unwrap(), run());
    assert_eq!(deserialize_any(&frame).unwrap().downcast_ref(), Some(&run()));
    std::fs::write(&file, serialize(&answer()).unwrap()).unwrap();
    assert_eq!(python.say(b"US\n", &format!("stores.say(get({path:?}, {file:?}))")), SAID);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn instances_go_through_a_store_with_a_redis_connector() {
    let command = ["redis-server", "--bind", "127.0.0.1", "--save", "", "--port"];
    let Some(server) = Server::start(&command) else { return };
    let port = server.port;
    let mut python = start();
    let key = python.say(b"US\n", &format!("put_into_redis({port}, {RUN})"));
    let bytes = python.say(b"US\n", &format!("redis.Redis(port={port}).get({key:?}).hex()"));
    let frame = from_hex(&bytes);
    assert_eq!(deserialize::<Run>(&frame).unwrap(), run());
    assert_eq!(deserialize_any(&frame).unwrap().downcast_ref(), Some(&run()));
    let bytes = hex(&serialize(&answer()).unwrap());
    let set = format!("redis.Redis(port={port}).set({key:?}, bytes.fromhex({bytes:?}))");
    assert_eq!(python.say(b"US\n", &set), "True");
    let about = format!("stores.say(get_from_redis({port}, {key:?}))");
    assert_eq!(python.say(b"US\n", &about), SAID);
    // A proxy of the store, which is what programs pass to each other.
    let about = format!("stores.say(proxy_from_redis({port}, {key:?}))");
    assert_eq!(python.say(b"US\n", &about), SAID);
}
