//! Lists what is registered, then reads the frame in its argument.

use left as _;
use right as _;

fn main() {
    for entry in ps_serialize::registry().iter() {
        println!("{} {}", entry.identifier(), entry.name());
    }
    for frame in std::env::args().skip(1) {
        match ps_serialize::deserialize_any(frame.as_bytes()) {
            Ok(_) => println!("read"),
            Err(error) => println!("error: {error}"),
        }
    }
    if let Err(error) = ps_serialize::registry().check() {
        println!("check: {error}");
    }
}
