use ps_serialize::serializer;

#[derive(serde::Serialize, serde::Deserialize)]
struct Pair<T>(T, T);

#[serializer(id = b"05")]
type Same<T> = Pair<T>;

fn main() {}
