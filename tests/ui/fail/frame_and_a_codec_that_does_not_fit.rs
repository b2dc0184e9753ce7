use ps_serialize::serializer;

struct Mine;

#[serializer(id = b"05", codec = Mine)]
struct Sample {
    #[serializer(frame)]
    text: String,
    other: u8,
}

fn main() {}
