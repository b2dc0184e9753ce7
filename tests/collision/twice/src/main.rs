//! One file is a module of two crates: of this one, and of the library beside it.

mod model;

fn main() {
    println!("{:?} {:?}", model::Model, twice::model::Model);
    println!("any {}", ps_serialize::deserialize_any(b"mo\n").unwrap_err());
}
