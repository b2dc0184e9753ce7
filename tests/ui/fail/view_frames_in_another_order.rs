use ps_serialize::serializer;

#[serializer(id = b"05")]
#[allow(dead_code)]
struct Sample {
    #[serializer(frame)]
    first: Vec<u8>,
    #[serializer(frame)]
    second: Vec<u8>,
}

#[serializer(view = Sample)]
#[allow(dead_code)]
struct View<'a> {
    #[serializer(frame)]
    second: &'a [u8],
    #[serializer(frame)]
    first: &'a [u8],
}

fn main() {}
