use ps_serialize::serializer;

#[serializer(id = b"05")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Pair<T>(T, T);

fn main() {}
