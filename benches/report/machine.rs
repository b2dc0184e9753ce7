//! What a figure was measured on.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZero;
use std::process::Command;
use std::thread;

pub(crate) fn describe(python: Option<&BTreeMap<String, String>>) -> BTreeMap<String, String> {
    let mut machine = BTreeMap::new();
    let mut add = |what: &str, value: Option<String>| {
        machine.insert(what.to_owned(), value.unwrap_or_else(|| "unknown".to_owned()));
    };
    add("system", Some(format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)));
    add("cores", thread::available_parallelism().ok().map(NonZero::get).map(|n| n.to_string()));
    add("processor", field("/proc/cpuinfo", "model name"));
    add("memory", field("/proc/meminfo", "MemTotal"));
    add("compiler", output(Command::new("rustc").arg("--version")));
    add("kernel", output(Command::new("uname").args(["-s", "-r"])));
    match python {
        Some(versions) => {
            versions.iter().for_each(|(name, version)| add(name, Some(version.clone())));
        }
        None => add("python", Some("not measured".to_owned())),
    }
    machine
}

/// Bytes that a program can take.
pub(crate) fn available_memory() -> Option<usize> {
    let text = field("/proc/meminfo", "MemAvailable")?;
    Some(text.strip_suffix(" kB")?.parse::<usize>().ok()? << 10)
}

fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}
