//! Two versions of one crate in one program.

use ps_serialize::{deserialize, deserialize_any, serialize};

fn main() {
    let frame = serialize(&one::Shape).unwrap();
    println!(
        "typed {:?} {:?}",
        deserialize::<one::Shape>(&frame),
        deserialize::<two::Shape>(&frame)
    );
    println!("any {}", deserialize_any(&frame).unwrap_err());
    println!("wrong {}", deserialize::<String>(&frame).unwrap_err());
    println!("text {}", deserialize_any(b"US\n").is_ok());
}
