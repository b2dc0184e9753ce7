use ps_serialize::serializer;

#[derive(serde::Serialize, serde::Deserialize)]
struct Pair<T>(T, T);

#[serializer(id = b"05")]
#[serializer(frame)]
type Floats = Pair<f64>;

fn main() {}
