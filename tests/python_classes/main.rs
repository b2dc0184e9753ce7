//! Instances of Python's own classes, written and read by the real packages.

#[path = "../interop/python.rs"]
#[allow(dead_code)]
mod python;
#[path = "../recipes/server.rs"]
mod server;

mod claims;
mod classes;
mod enums;
mod frames;
mod hostile;
mod nested;
mod positions;
mod stores;
#[cfg(feature = "polars")]
mod tables;

/// The protocols that Python writes today.
const PROTOCOLS: [u8; 4] = [2, 3, 4, 5];

use serde_json::json;
use support::{from_hex, hex};

use crate::python::Python;

/// Starts the process that has the classes.
fn start() -> Python {
    Python::of("python_classes/server.py")
}

impl Python {
    /// The frame that Python pickles.
    fn pickle(&mut self, expression: &str, protocol: u8) -> Vec<u8> {
        let answer = self.ask(&json!({ "write": expression, "protocol": protocol }));
        from_hex(answer["ok"].as_str().unwrap_or_else(|| panic!("{expression}: {answer}")))
    }

    /// What Python says about the object in a frame.
    fn say(&mut self, frame: &[u8], about: &str) -> String {
        let answer = self.ask(&json!({ "read": hex(frame), "say": about }));
        answer["ok"].as_str().unwrap_or_else(|| panic!("{about}: {answer}")).to_owned()
    }

    /// The frame that Python pickles of what it reads in another one.
    fn again(&mut self, frame: &[u8], protocol: u8) -> Vec<u8> {
        self.without(frame, &[], protocol)
    }

    /// The same without some attributes of the object.
    fn without(&mut self, frame: &[u8], attributes: &[&str], protocol: u8) -> Vec<u8> {
        let question = json!({ "again": hex(frame), "without": attributes, "protocol": protocol });
        let answer = self.ask(&question);
        from_hex(answer["ok"].as_str().unwrap_or_else(|| panic!("{answer}")))
    }

    /// Why Python can't read a frame.
    fn refuses(&mut self, frame: &[u8]) -> String {
        let answer = self.ask(&json!({ "read": hex(frame), "say": "it" }));
        answer["error"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }
}
