use ps_serialize::serializer;

#[serializer(id = b"05")]
struct Sample(#[cfg(any())] u8, #[serializer(frame)] String);

fn main() {}
