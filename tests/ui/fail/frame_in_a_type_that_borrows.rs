use ps_serialize::serializer;

#[serializer(id = b"05")]
struct Sample<'a> {
    #[serializer(frame)]
    text: &'a str,
}

fn main() {}
