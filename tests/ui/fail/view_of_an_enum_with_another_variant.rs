use ps_serialize::serializer;

#[serializer(id = b"05")]
#[allow(dead_code)]
enum Sample {
    One(u8),
    Two(#[serializer(frame)] String),
}

#[serializer(view = Sample)]
#[allow(dead_code)]
enum View {
    One(u8),
    Three(#[serializer(frame)] String),
}

fn main() {}
