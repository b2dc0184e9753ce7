use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
#[cfg(feature = "pandas")]
use std::sync::Mutex;
use std::sync::OnceLock;

use serde_json::{Value, json};
use support::{from_hex, hex};

/// A Python process that answers questions.
pub(crate) struct Python {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Python {
    pub(crate) fn start() -> Self {
        Self::of("interop/exchange.py")
    }

    /// Starts the process of a script in the folder of the tests.
    pub(crate) fn of(script: &str) -> Self {
        Self::run_by(&mut Command::new(environment()), script, &[])
    }

    /// Starts a script with other versions of some packages, if they can be installed for this Python.
    #[cfg(feature = "pandas")]
    pub(crate) fn with(packages: &[&str], script: &str, arguments: &[&str]) -> Option<Self> {
        let mut command = Command::new(environment());
        if !packages.is_empty() {
            let folders: Option<Vec<_>> = packages.iter().map(|name| installed(name)).collect();
            command.env("PYTHONPATH", std::env::join_paths(folders?).unwrap());
        }
        Some(Self::run_by(&mut command, script, arguments))
    }

    fn run_by(command: &mut Command, script: &str, arguments: &[&str]) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(script);
        let mut process = command
            .arg(script)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the interpreter of the virtual environment starts");
        let questions = process.stdin.take().unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap());
        Self { process, questions, answers }
    }

    pub(crate) fn ask(&mut self, question: &Value) -> Value {
        writeln!(self.questions, "{question}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{answer:?}: {error}"))
    }

    /// The bytes that are the answer.
    pub(crate) fn ask_for_bytes(&mut self, question: &Value) -> Vec<u8> {
        let answer = self.ask(question);
        from_hex(answer.as_str().unwrap_or_else(|| panic!("{question}: {answer}")))
    }

    /// The frame that Python writes.
    pub(crate) fn write(&mut self, value: &Value) -> Vec<u8> {
        self.ask_for_bytes(&json!({ "write": value }))
    }

    /// The frame of the value of a Python expression.
    #[cfg(any(feature = "ndarray", feature = "polars"))]
    pub(crate) fn evaluate(&mut self, expression: &str) -> Vec<u8> {
        self.write(&json!({ "python": expression }))
    }

    /// The frame that a Python expression is.
    pub(crate) fn evaluate_frame(&mut self, expression: &str) -> Vec<u8> {
        self.ask_for_bytes(&json!({ "frame": expression }))
    }

    /// The frame that a Python expression is, unless Python refuses to write it.
    #[cfg(all(feature = "ndarray", feature = "pickle"))]
    pub(crate) fn try_frame(&mut self, expression: &str) -> Option<Vec<u8>> {
        let answer = self.ask(&json!({ "frame": expression }));
        answer.as_str().map(from_hex)
    }

    /// Runs a statement, whose names stay.
    #[cfg(all(feature = "ndarray", feature = "pickle"))]
    pub(crate) fn run(&mut self, statement: &str) {
        assert_eq!(self.ask(&json!({ "run": statement })), Value::Null, "{statement}");
    }

    /// Checks that Python reads in a frame the very value of an expression: kind, shape, order and bytes.
    #[cfg(any(
        feature = "ndarray",
        feature = "polars",
        all(feature = "safetensors", feature = "zstd")
    ))]
    pub(crate) fn assert_reads(&mut self, frame: &[u8], expression: &str) {
        let answer = self.ask(&json!({ "compare": hex(frame), "with": expression }));
        assert_eq!(answer, json!("same"), "{expression}");
    }

    /// What Python reads in a frame.
    pub(crate) fn read(&mut self, frame: &[u8]) -> Value {
        self.ask(&json!({ "read": hex(frame) }))
    }
}

/// Runs the Python tests in a folder. Their output is always shown, so that skipped tests are seen.
pub(crate) fn run_tests(module: &Path, tests: &Path) {
    let mut command = Command::new(environment());
    command.args(["-B", "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider"]);
    command.current_dir(tests).env("PYTHONPATH", module);
    let status = command.status().unwrap();
    assert!(status.success(), "{command:?}: {status}");
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The interpreter of a virtual environment that has what is required.
pub(crate) fn environment() -> &'static Path {
    static ENVIRONMENT: OnceLock<PathBuf> = OnceLock::new();
    ENVIRONMENT.get_or_init(make_environment)
}

/// Makes it if it is not there from an earlier run with the same interpreter.
fn make_environment() -> PathBuf {
    let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("interop/requirements.txt");
    let base = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let wanted = version(&base) + &std::fs::read_to_string(&requirements).unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let installed = folder.join("installed.txt");
    if std::fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) {
        return python;
    }
    run(Command::new(base).args(["-m", "venv", "--clear"]).arg(&folder));
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"])
        .arg(&requirements));
    std::fs::write(installed, wanted).unwrap();
    python
}

/// The version of an interpreter, in a line.
fn version(python: &OsStr) -> String {
    let script = "import platform; print(platform.python_implementation(), platform.python_version(), sep='-')";
    let output = run(Command::new(python).args(["-c", script]));
    String::from_utf8(output).unwrap()
}

/// The folder of a package in a version. It is installed without what it needs, which the environment or another folder has.
#[cfg(feature = "pandas")]
fn installed(package: &str) -> Option<PathBuf> {
    // Tests run at the same time.
    static INSTALLING: Mutex<()> = Mutex::new(());

    let _alone = INSTALLING.lock();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(package);
    let installed = folder.join("installed.txt");
    if installed.exists() {
        return Some(folder);
    }
    let output = Command::new(environment())
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"])
        .args(["--only-binary", ":all:", "--upgrade", "--target"])
        .arg(&folder)
        .arg(package)
        .output()
        .unwrap();
    if !output.status.success() {
        println!("SKIPPED {package}: {}", String::from_utf8_lossy(&output.stderr));
        return None;
    }
    std::fs::write(installed, "").unwrap();
    Some(folder)
}

fn run(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap_or_else(|error| {
        panic!("this test needs Python 3 with venv and pip; {command:?}: {error}")
    });
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}
