//! Two versions of one crate in one program.

use ps_serialize::{deserialize, deserialize_any, serialize};

fn main() {
    let frame = serialize(&one::Shape(1)).unwrap();
    println!(
        "typed {} {}",
        deserialize::<one::Shape>(&frame).unwrap().0,
        deserialize::<two::Shape>(&frame).unwrap().0
    );
    println!("any {}", deserialize_any(&frame).unwrap_err());
    println!("text {}", deserialize_any(b"US\n").is_ok());
}
