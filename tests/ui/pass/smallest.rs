use ps_serialize::serializer;

#[serializer(id = b"05")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Unit;

fn main() {
    assert_eq!(ps_serialize::serialize(&Unit).unwrap()[..], *b"05\n");
}
