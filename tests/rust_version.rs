//! The library builds with the Rust that its manifest names, as far as dependencies tell: none of them
//! asks for a newer one.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

fn cargo(args: &str) -> String {
    let output = Command::new(env!("CARGO")).args(args.split(' ')).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The three numbers of a version. A missing third is 0.
fn version(text: &str) -> [u32; 3] {
    let mut numbers = text.split('.').map(|number| number.parse().unwrap());
    std::array::from_fn(|_| numbers.next().unwrap_or(0))
}

#[test]
fn no_dependency_asks_for_a_newer_one() {
    let ours = env!("CARGO_PKG_RUST_VERSION");
    let metadata: Value =
        serde_json::from_str(&cargo("metadata --locked --format-version 1 --all-features"))
            .unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    let named = |package: &Value, key: &str| package[key].as_str().map(str::to_owned);
    let asked: BTreeMap<_, _> = packages
        .map(|package| {
            let name = (named(package, "name").unwrap(), named(package, "version").unwrap());
            (name, named(package, "rust_version"))
        })
        .collect();

    // Only the dependencies of the library count, on every system: benchmarks and tests may ask for more.
    let tree = cargo(
        "tree --locked -p ps-serialize --all-features --edges normal,build --target all --prefix none",
    );
    let mut checked = 0;
    for line in tree.lines() {
        let mut words = line.split(' ');
        let (Some(name), Some(found)) = (words.next(), words.next()) else { panic!("{line}") };
        let found = found.strip_prefix('v').unwrap();
        let asked = asked.get(&(name.to_owned(), found.to_owned())).expect(line);
        if let Some(asked) = asked {
            assert!(version(asked) <= version(ours), "{name} {found} asks for Rust {asked}");
            checked += 1;
        }
    }
    assert!(checked > 50, "only {checked} of them say what they ask for:\n{tree}");
}
