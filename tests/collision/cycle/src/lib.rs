use empty::Empty;
use ps_serialize::serializer;

/// Linked twice into the tests below: compiled for test, and as `dependent` sees it.
#[serializer(id = b"cy", codec = Empty)]
#[derive(Debug, Default)]
pub struct Cycle;

#[cfg(test)]
mod tests {
    use super::Cycle;
    use ps_serialize::{deserialize_any, registry};

    #[test]
    fn the_test_build_stands_for_both() {
        registry().check().unwrap();
        assert_eq!(registry().iter().filter(|entry| entry.identifier() == *b"cy").count(), 1);
        let any = deserialize_any(&dependent::frame()).unwrap();
        assert!(any.is::<Cycle>());
        assert!(!any.is::<dependent::Cycle>(), "that one is the other build's");
    }
}
