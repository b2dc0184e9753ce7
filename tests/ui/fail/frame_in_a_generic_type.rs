use ps_serialize::serializer;

#[serializer(id = b"05")]
struct Sample<T> {
    #[serializer(frame)]
    value: T,
}

fn main() {}
