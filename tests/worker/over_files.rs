//! The worker beside a `FileConnector`.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use bytes::Bytes;
use serde_json::{Value, json};
use support::hex;
use uuid::Uuid;

use crate::Result;
use crate::python::Python;
use crate::worker::{answer, new_key, options};

/// Reads names of files from Python's pipe, one a line, and answers each with the name of another file.
fn work(folder: &Path, keys: impl BufRead, mut answers: impl Write) -> Result<()> {
    for key in keys.lines() {
        let answer = answer(get(folder, &key?))?;
        let answer_key = new_key()?;
        put(folder, &answer_key, &answer)?;
        writeln!(answers, "{answer_key}")?;
    }
    Ok(())
}

/// The frame in a file, which is complete if its marker is there.
fn get(folder: &Path, key: &str) -> Result<Bytes> {
    // A UUID is no path out of the folder.
    let key = Uuid::try_parse(key)?;
    if !folder.join(format!("{key}.ready")).exists() {
        return Err("there is no such file, or it is not complete".into());
    }
    Ok(options().read_frame(File::open(folder.join(key.to_string()))?, None)?)
}

/// Python looks for the marker before it opens the file, so the marker comes last.
fn put(folder: &Path, key: &str, frame: &[u8]) -> Result<()> {
    fs::write(folder.join(key), frame)?;
    File::create(folder.join(format!("{key}.ready")))?;
    Ok(())
}

/// A path in the temporary folder that only this test uses.
fn temporary(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("ps-serialize-worker-{name}-{}", std::process::id()))
}

#[test]
fn python_goes_on_with_the_answers() {
    let folder = temporary("store");
    let mut python = crate::python("over_files.py");
    python.arg(&folder).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut python = python.spawn().unwrap();
    let (keys, answers) = (python.stdout.take().unwrap(), python.stdin.take().unwrap());
    let worked = work(&folder, BufReader::new(keys), answers);
    let status = python.wait().unwrap();
    assert!(status.success(), "{status}, {worked:?}");
    worked.unwrap();
    // The script closes a store that clears its folder.
    assert!(!folder.exists());
}

#[test]
fn a_file_without_its_marker_is_not_there() {
    let folder = temporary("marker");
    fs::create_dir(&folder).unwrap();
    let mut python = Python::of("python_classes/server.py");
    let mut seen_by_python = |key: &str| {
        let path = folder.join(key);
        let say = format!("get({:?}, {:?})", folder.to_str().unwrap(), path.to_str().unwrap());
        python.ask(&json!({ "read": hex(b"US\n"), "say": say }))
    };
    let frame = ps_serialize::serialize("a whole text of two bytes each: ééé").unwrap();
    let half = &frame[..frame.len() - 1];

    let key = new_key().unwrap();
    assert_eq!(seen_by_python(&key), json!({ "ok": "None" }));
    fs::write(folder.join(&key), half).unwrap();
    assert_eq!(seen_by_python(&key), json!({ "ok": "None" }));
    assert!(get(&folder, &key).unwrap_err().to_string().contains("not complete"));
    put(&folder, &key, &frame).unwrap();
    assert_eq!(seen_by_python(&key), json!({ "ok": "a whole text of two bytes each: ééé" }));

    // Only the marker keeps Python from reading half a file.
    let key = new_key().unwrap();
    put(&folder, &key, half).unwrap();
    let Value::String(error) = &seen_by_python(&key)["error"] else { panic!("it was read") };
    assert!(error.contains("SerializationError"), "{error}");

    // If the file can't be written, there is no marker.
    let key = new_key().unwrap();
    fs::create_dir(folder.join(&key)).unwrap();
    put(&folder, &key, &frame).unwrap_err();
    assert!(!folder.join(format!("{key}.ready")).exists());
    fs::remove_dir_all(folder).unwrap();
}
