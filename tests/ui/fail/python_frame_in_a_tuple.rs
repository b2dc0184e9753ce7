#[ps_serialize::serializer(python = "sim.Image")]
struct Image(u8, #[serializer(frame)] Vec<u8>);

fn main() {
    let _ = ps_serialize::serialize(&Image(1, vec![]));
}
