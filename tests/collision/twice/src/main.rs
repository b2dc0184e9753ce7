//! One file is a module of two crates: of this one, and of the library beside it.

mod model;

fn main() {
    println!("{:?} {:?}", model::Model(1), twice::model::Model(2));
    println!("any {}", ps_serialize::deserialize_any(b"mo\n\x01").unwrap_err());
}
