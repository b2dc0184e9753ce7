use std::path::Path;

/// The frame of a checkpoint that PyTorch has written: the file `tests/torch/{name}.pt`.
///
/// # Panics
///
/// If there is no such file.
#[must_use]
pub fn checkpoint(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("torch/{name}.pt"));
    let file = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    [b"PT\n", &file[..]].concat()
}
