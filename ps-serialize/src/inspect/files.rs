//! The files that are named, and those in folders.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Calls a function with a path, or with every file in it and in its folders if it is one, in the order of their names. What
/// can't be listed is handed over with the reason.
pub(super) fn each<E>(
    path: PathBuf,
    visit: &mut impl FnMut(&Path, io::Result<()>) -> Result<(), E>,
) -> Result<(), E> {
    // A path that does not exist is found out when it is opened.
    if !fs::metadata(&path).is_ok_and(|found| found.is_dir()) {
        return visit(&path, Ok(()));
    }
    // The next path is the last. A link in a folder is never followed to another folder, so there is an end.
    let mut left = Vec::new();
    let mut folder = Some(path);
    loop {
        if let Some(path) = folder.take() {
            match inside(&path) {
                Ok(paths) => left.extend(paths.into_iter().rev()),
                Err(error) => visit(&path, Err(error))?,
            }
        }
        let Some(path) = left.pop() else { return Ok(()) };
        if fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir()) {
            folder = Some(path);
            continue;
        }
        match fs::metadata(&path) {
            // To open a pipe could take for ever.
            Ok(found) if !found.is_file() => {}
            Ok(_) => visit(&path, Ok(()))?,
            Err(error) => visit(&path, Err(error))?,
        }
    }
}

/// What is in a folder, in the order of the names.
fn inside(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    paths.sort();
    Ok(paths)
}
