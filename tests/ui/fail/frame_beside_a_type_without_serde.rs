use ps_serialize::serializer;

struct Plain;

#[serializer(id = b"05")]
struct Sample {
    #[serializer(frame)]
    text: String,
    other: Vec<Plain>,
}

fn main() {}
