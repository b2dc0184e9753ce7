use ps_serialize::serializer;

#[serializer(view)]
#[allow(dead_code)]
struct View {
    id: u64,
}

fn main() {}
