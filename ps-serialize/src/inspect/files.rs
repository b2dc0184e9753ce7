//! The files that are named, and those in folders.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Calls a function with a path. If the path is a folder, calls the function with every file in the folder and in the folders
/// inside of it, in the order of their names. If a folder can't be listed, the function gets the folder and the reason.
pub(super) fn each<E>(
    path: PathBuf,
    visit: &mut impl FnMut(&Path, io::Result<()>) -> Result<(), E>,
) -> Result<(), E> {
    // If the path does not exist, opening it gives the error.
    if !fs::metadata(&path).is_ok_and(|found| found.is_dir()) {
        return visit(&path, Ok(()));
    }
    // The last path in the list is the next to visit. Links to folders are never followed inside of a folder, so the loop ends.
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
            // Opening a pipe could take for ever.
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
