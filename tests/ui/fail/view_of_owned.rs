fn main() {
    let _ = ps_serialize::view::<String>(b"US\ntext");
}
