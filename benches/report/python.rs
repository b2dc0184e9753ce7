//! Python's contenders, timed in their own process in the same rounds as the others.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::error::Error;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::rc::Rc;
use std::time::Duration;
use std::{env, fs};

use bytes::Bytes;
use serde_json::{Value, json};

use crate::measure::{Contender, Direction, Family};

/// ProxyStore's last version before arrays and tables had serializers of their own.
const BEFORE: &str = "proxystore==0.6.5";

/// The contender of the Python module in this repository.
pub(crate) const MODULE: &str = "ps_serialize in Python";

type Result<T> = std::result::Result<T, Box<dyn Error>>;

pub(crate) struct Python {
    process: Rc<RefCell<Process>>,
    pub(crate) versions: BTreeMap<String, String>,
    frame: PathBuf,
}

struct Process {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Python {
    /// Installs what is compared with, if it is not there from an earlier run, and starts.
    pub(crate) fn start() -> Result<Self> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report");
        let python = install(&folder)?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("report/peers.py");
        let mut child = Command::new(python)
            .arg(script)
            .arg(folder.join("before"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let questions = child.stdin.take().expect("it is piped");
        let answers = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut process = Process { child, questions, answers };
        let versions = serde_json::from_value(process.answer()?)?;
        Ok(Self {
            process: Rc::new(RefCell::new(process)),
            versions,
            frame: folder.join("value.frame"),
        })
    }

    /// What Python does with this value.
    pub(crate) fn contenders(&self, kind: &str, frame: &[u8]) -> Result<Vec<Contender>> {
        fs::write(&self.frame, frame)?;
        let answer = self.process.borrow_mut().ask(&json!({"load": kind, "frame": self.frame}))?;
        fs::remove_file(&self.frame)?;
        let found: Vec<(String, Direction, Option<usize>)> = serde_json::from_value(answer)?;
        let contender = |(number, (name, direction, encoded)): (usize, (String, _, _))| {
            let process = Rc::clone(&self.process);
            let run = move |calls: u32| {
                let question = json!({"time": number, "calls": calls});
                let answer = process.borrow_mut().ask(&question).expect("Python answers");
                Duration::from_nanos(answer.as_u64().expect("a number"))
            };
            let family = if name.starts_with(MODULE) { Family::Module } else { Family::Python };
            let mut contender = Contender::timed((family, direction), name, run);
            contender.encoded = encoded;
            contender
        };
        Ok(found.into_iter().enumerate().map(contender).collect())
    }

    /// What today's ProxyStore has written of this value.
    pub(crate) fn written(&self) -> Result<Bytes> {
        self.process.borrow_mut().ask(&json!({"write": self.frame}))?;
        let frame = fs::read(&self.frame)?;
        fs::remove_file(&self.frame)?;
        Ok(frame.into())
    }
}

impl Process {
    fn ask(&mut self, question: &Value) -> Result<Value> {
        writeln!(self.questions, "{question}")?;
        self.answer()
    }

    fn answer(&mut self) -> Result<Value> {
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            return Err("Python has stopped; its own message is above".into());
        }
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The interpreter of a virtual environment that has what `requirements.txt` says.
fn install(folder: &Path) -> Result<PathBuf> {
    let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("requirements.txt");
    let wanted = fs::read_to_string(&requirements)? + BEFORE;
    let python =
        folder.join("python").join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let installed = folder.join("installed.txt");
    if fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    eprintln!("installing Python's packages into {}", folder.display());
    fs::create_dir_all(folder)?;
    let base = env::var_os("PYTHON").unwrap_or_else(|| OsString::from("python3"));
    run(Command::new(base).args(["-m", "venv", "--clear"]).arg(folder.join("python")))?;
    let pip = || {
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        pip
    };
    run(pip().arg("-r").arg(&requirements))?;
    run(pip().args(["--no-deps", "--upgrade", BEFORE, "--target"]).arg(folder.join("before")))?;
    fs::write(installed, wanted)?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|error| format!("{command:?}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}").into()) }
}
