//! Finding a serializer among 1,024 and the built-in ones.

mod lookup;

mod entries {
    include!(concat!(env!("OUT_DIR"), "/1024.rs"));
}

fn main() {
    assert!(ps_serialize::registry().iter().len() > 1024);
    // These calls are short, and divan's own guess comes from the first, slow ones.
    divan::Divan::default().sample_size(1000).config_with_args().main();
}
