#[ps_serialize::serializer(python = "sim.Color", positional)]
#[derive(serde::Serialize, serde::Deserialize)]
enum Color {
    Red = 1,
}

fn main() {
    let _ = ps_serialize::serialize(&Color::Red);
}
