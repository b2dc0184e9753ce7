fn main() {
    let _ = ps_serialize::deserialize::<&str>(b"US\ntext");
}
