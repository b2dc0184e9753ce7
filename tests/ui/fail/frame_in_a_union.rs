use ps_serialize::serializer;

#[serializer(id = b"05")]
union Sample {
    #[serializer(frame)]
    number: u8,
}

fn main() {}
