use ps_serialize::serializer;

struct Foreign;

#[serializer(id = b"05")]
struct Sample {
    id: u64,
    #[serializer(frame)]
    image: Foreign,
}

fn main() {}
