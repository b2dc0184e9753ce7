use ps_serialize::serializer;

#[allow(dead_code)]
struct Sample {
    id: u64,
}

#[serializer(view = Sample)]
#[allow(dead_code)]
struct View {
    id: u64,
}

fn main() {}
