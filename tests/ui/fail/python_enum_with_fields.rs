#[ps_serialize::serializer(python = "sim.Color")]
#[derive(serde::Serialize, serde::Deserialize)]
enum Color {
    Red,
    Other(u8),
}

fn main() {
    let _ = ps_serialize::serialize(&Color::Red);
    let _ = Color::Other(1);
}
