use ps_serialize::serializer;

struct Foreign;

#[serializer(id = b"05")]
enum Sample {
    Empty,
    Images(#[serializer(frames)] Vec<Foreign>),
}

fn main() {}
