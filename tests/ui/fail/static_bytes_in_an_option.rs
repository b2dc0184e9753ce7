use serde::{Deserialize, Serialize};

#[ps_serialize::serializer(id = b"05")]
#[derive(Serialize, Deserialize)]
enum Record {
    A(Option<&'static [u8]>),
    // These own what they read, or read nothing.
    B(std::borrow::Cow<'static, str>, #[serde(skip)] &'static str, std::marker::PhantomData<&'static str>),
}

fn main() {}
