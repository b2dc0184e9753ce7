fn main() {
    let _ = ps_serialize::deserialize::<&String>(b"US\ntext");
}
