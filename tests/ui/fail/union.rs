use ps_serialize::serializer;

#[serializer(id = b"05")]
union Bits {
    float: f32,
    bytes: [u8; 4],
}

fn main() {}
