use ps_serialize::serializer;

#[serializer(id = b"05")]
enum Sample {
    #[serializer(frame)]
    Text(String),
}

fn main() {}
