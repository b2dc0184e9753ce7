//! Every refusal of the macro and of the traits is one error, at the token that is wrong.
//!
//! The messages are rustc 1.95's; other compilers word them otherwise, and skip this out loud.

use std::io::{self, Write};

#[test]
fn ui() {
    let rustc = std::process::Command::new("rustc").arg("--version").output().unwrap();
    let version = String::from_utf8(rustc.stdout).unwrap();
    let cases = trybuild::TestCases::new();
    cases.pass("pass/*.rs");
    if version.starts_with("rustc 1.95.") {
        cases.compile_fail("fail/*.rs");
    } else {
        // The output of the print macros is shown only for tests that fail.
        let _ = writeln!(
            io::stderr(),
            "SKIPPED: the messages in ui/fail are rustc 1.95's, and this is {version}"
        );
    }
}

/// What the compiler says about a crate that does not build.
fn refusal(name: &str, options: &str, source: &str) -> String {
    let at = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(at.join("src")).unwrap();
    let library = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ps-serialize");
    let manifest = format!(
        "[package]\nname = \"{name}\"\nedition = \"2024\"\n{options}\
         [dependencies]\nps-serialize = {{ path = {library:?}, default-features = false }}\n[workspace]\n"
    );
    std::fs::write(at.join("Cargo.toml"), manifest).unwrap();
    let lock = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock");
    std::fs::copy(lock, at.join("Cargo.lock")).unwrap();
    std::fs::write(at.join("src/lib.rs"), source).unwrap();
    let check = std::process::Command::new(env!("CARGO"))
        .args(["check", "--offline", "--quiet"])
        .env("CARGO_TARGET_DIR", concat!(env!("CARGO_TARGET_TMPDIR"), "/refusals"))
        .current_dir(&at)
        .output()
        .unwrap();
    assert!(!check.status.success());
    String::from_utf8_lossy(&check.stderr).into_owned()
}

/// trybuild's cases are programs, and this is a library of another kind.
#[test]
fn the_crate_of_a_procedural_macro_can_not_have_annotated_types() {
    let source = "struct Annotated;\n\
        #[ps_serialize::serializer(id = b\"05\")]\nimpl ps_serialize::Serializer for Annotated {\n\
        type Value = Self;\n\
        fn serialize<'a>(_: &'a Self, _: &mut dyn ps_serialize::Sink<'a>) -> ps_serialize::Result<()> { Ok(()) }\n\
        fn deserialize(_: Payload<'_, '_>) -> ps_serialize::Result<Self> { Ok(Self) }\n}\n";
    let said = refusal("crate-of-macros", "[lib]\nproc-macro = true\n", source);
    assert!(said.contains("can't have annotated types"), "{said}");
    assert!(said.contains("src/lib.rs:2:1"), "{said}");
    assert!(said.contains("due to 1 previous error"), "{said}");
}

/// The cases are built with the feature.
#[test]
fn a_python_class_without_the_feature_pickle_is_one_error_at_its_name() {
    let source = "#[ps_serialize::serializer(python = \"sim.Particle\")]\npub struct Particle {\n    pub mass: f64,\n}\n";
    let said = refusal("without-pickle", "", source);
    assert!(said.contains("needs the feature `pickle` of ps-serialize"), "{said}");
    assert!(said.contains("src/lib.rs:1:37"), "{said}");
    assert!(said.contains("due to 1 previous error"), "{said}");
}
