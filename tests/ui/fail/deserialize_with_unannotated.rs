struct Jpeg;

fn main() {
    let _ = ps_serialize::deserialize_with::<Jpeg>(b"JP\n");
}
