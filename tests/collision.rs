//! A program in which two serializers claim one identifier does not build, with any profile or linker. A program that only
//! seems to have such a collision builds. The programs are in `collision/`.

use std::collections::{BTreeSet, HashSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::{env, fs};

/// The workspace of the fixtures, copied to where a build may leave files.
fn workspace() -> &'static Path {
    static WORKSPACE: OnceLock<PathBuf> = OnceLock::new();
    WORKSPACE.get_or_init(|| {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("collision");
        let library = here.parent().unwrap().join("ps-serialize");
        copy_folder(&here.join("collision"), &copy, &library);
        // The versions that are tested are those that were downloaded for this test.
        fs::copy(here.parent().unwrap().join("Cargo.lock"), copy.join("Cargo.lock")).unwrap();
        copy
    })
}

fn copy_folder(from: &Path, to: &Path, library: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&source, &target, library);
            continue;
        }
        let text = fs::read_to_string(&source).unwrap();
        let library = library.to_str().unwrap();
        let text = text
            .replace("\"../../../ps-serialize\"", &format!("{library:?}"))
            .replace("\"../../ps-serialize\"", &format!("{library:?}"));
        // Untouched where nothing changed, so that cargo sees that too.
        if fs::read_to_string(&target).is_ok_and(|there| there == text) {
            continue;
        }
        fs::write(target, text).unwrap();
    }
}

/// The folder of builds of a profile. Builds with link-time optimization have a folder of their own. So they can run at the
/// same time as the others, which take as long.
fn folder(profile: &str) -> &'static str {
    if matches!(profile, "fat" | "thin") { "target/lto" } else { "target" }
}

/// Tests that share a folder of builds take turns.
fn alone(profile: &str) -> MutexGuard<'static, ()> {
    static PLAIN: Mutex<()> = Mutex::new(());
    static LTO: Mutex<()> = Mutex::new(());
    let turn = if folder(profile) == folder("dev") { &PLAIN } else { &LTO };
    turn.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs cargo on the fixtures: `line` is split at spaces.
fn cargo(line: &str, rustflags: &str) -> Output {
    cargo_in(if rustflags.is_empty() { "target" } else { "target/with-flags" }, line, rustflags)
}

fn cargo_in(target: &str, line: &str, rustflags: &str) -> Output {
    let target = workspace().join(target);
    Command::new(env!("CARGO"))
        .args(line.split_whitespace())
        .current_dir(workspace())
        .env("CARGO_TARGET_DIR", target)
        .env("RUSTFLAGS", rustflags)
        .env("CARGO_NET_OFFLINE", "true")
        .env("CARGO_TERM_COLOR", "never")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("CARGO_INCREMENTAL")
        .output()
        .unwrap()
}

/// Where the builds of a profile are.
fn built(profile: &str) -> PathBuf {
    workspace().join(folder(profile)).join(if profile == "dev" { "debug" } else { profile })
}

fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

fn succeeds(line: &str) -> String {
    succeeds_with("dev", line)
}

/// The profile is named in the line, too.
fn succeeds_with(profile: &str, line: &str) -> String {
    let output = cargo_in(folder(profile), line, "");
    assert!(output.status.success(), "cargo {line}\n{}", text(&output));
    text(&output)
}

/// What two crates claim.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Claimed {
    Identifier,
    Class,
}

impl Claimed {
    /// The features of the fixtures.
    fn features(self) -> &'static str {
        match self {
            Self::Identifier => "",
            Self::Class => "--features class",
        }
    }

    /// What the linker says.
    fn message(self) -> &'static str {
        match self {
            Self::Identifier => "two_crates_claim_the_identifier_05",
            Self::Class => {
                "two_crates_claim_the_python_class_sim_2EParticle__search_them_for__python_sim_2EParticle"
            }
        }
    }

    /// The option in the fixtures.
    fn option(self) -> &'static str {
        match self {
            Self::Identifier => "id = b\"05\"",
            Self::Class => "python = \"sim.Particle\"",
        }
    }
}

/// The build ends with an error that says what is wrong. In a debug build, the error also says where.
fn collides(profile: &str, line: &str, claimed: Claimed, places: &[String]) {
    let line = format!("rustc --profile {profile} {line}");
    let output = cargo_in(folder(profile), &line, "");
    let text = text(&output);
    assert!(!output.status.success(), "cargo {line} succeeded");
    assert!(text.contains(claimed.message()), "cargo {line}\n{text}");
    for place in places {
        assert!(text.contains(place), "cargo {line} names no {place}\n{text}");
    }
}

/// Where the two annotations are, as linkers write it.
fn places(claimed: Claimed) -> Vec<String> {
    ["left", "right"]
        .map(|name| {
            let source = fs::read_to_string(workspace().join(name).join("src/lib.rs")).unwrap();
            let line = source.lines().position(|line| line.contains(claimed.option())).unwrap();
            format!("{name}/src/lib.rs:{}", line + 1)
        })
        .into()
}

/// Each linker by its name, with the flags that choose it. rustc brings the first one.
const LINKERS: [(&str, &str); 5] = [
    ("rust-lld", ""),
    ("bfd", "-Clinker-features=-lld -Clink-arg=-fuse-ld=bfd"),
    ("gold", "-Clinker-features=-lld -Clink-arg=-fuse-ld=gold"),
    ("lld", "-Clinker-features=-lld -Clink-arg=-fuse-ld=lld"),
    ("mold", "-Clinker-features=-lld -Clink-arg=-fuse-ld=mold"),
];

/// The flags of the linkers that are here.
fn linkers() -> &'static [&'static str] {
    static FOUND: OnceLock<Vec<&str>> = OnceLock::new();
    FOUND.get_or_init(|| {
        let found = |name: &str| {
            let program = Command::new(format!("ld.{name}")).arg("--version").output();
            name == "rust-lld" || program.is_ok_and(|output| output.status.success())
        };
        let (here, missing): (Vec<_>, Vec<_>) =
            LINKERS.into_iter().partition(|(name, _)| found(name));
        for (name, _) in missing {
            assert!(env::var_os("CI").is_none(), "the linker {name} is not installed");
            // Straight to the terminal: what a test prints is shown only where it fails.
            let _ = writeln!(
                io::stderr(),
                "SKIPPED: collisions under the linker {name}, not installed"
            );
        }
        here.into_iter().map(|(_, flags)| flags).collect()
    })
}

const PROFILES: [&str; 4] = ["dev", "release", "fat", "thin"];
const PLAIN: &[&str] = &["dev", "release"];
const LTO: &[&str] = &["fat", "thin"];

/// What is linked: a program, a test, and a library for other languages.
const ARTIFACTS: [&str; 3] =
    ["-p app --bin app", "-p app --test links", "-p plugin --lib --features both"];

/// A way to build a program.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Way {
    profile: &'static str,
    /// The number of codegen units, and whether the build is incremental.
    units: (u16, bool),
    artifact: &'static str,
    linker: &'static str,
    claimed: Claimed,
}

impl Way {
    fn all(claimed: Claimed) -> Vec<Self> {
        let mut all = Vec::new();
        for profile in PROFILES {
            for units in [(1, false), (16, false), (256, false), (256, true)] {
                // rustc refuses incremental builds with link-time optimization.
                if units.1 && matches!(profile, "fat" | "thin") {
                    continue;
                }
                for artifact in ARTIFACTS {
                    let way = |&linker| Self { profile, units, artifact, linker, claimed };
                    all.extend(linkers().iter().map(way));
                }
            }
        }
        all
    }

    /// The pairs of settings that this build tests together.
    fn pairs(&self) -> [(String, String); 6] {
        let Self { profile, units: (count, incremental), artifact, linker, .. } = *self;
        let settings =
            [profile, &format!("{count} {incremental}"), artifact, linker].map(str::to_owned);
        [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
            .map(|(one, other)| (settings[one].clone(), settings[other].clone()))
    }

    /// A few builds that together have every pair of settings, in an order that rebuilds little.
    fn pairwise(claimed: Claimed) -> Vec<Self> {
        let all = Self::all(claimed);
        let mut missing: HashSet<_> = all.iter().flat_map(Self::pairs).collect();
        let mut chosen = Vec::new();
        while !missing.is_empty() {
            let new =
                |way: &&Self| way.pairs().iter().filter(|pair| missing.contains(pair)).count();
            let best = *all.iter().max_by_key(new).unwrap();
            for pair in best.pairs() {
                missing.remove(&pair);
            }
            chosen.push(best);
        }
        chosen.sort();
        chosen
    }

    /// Every artifact, and every linker, without optimization.
    fn quick(claimed: Claimed) -> Vec<Self> {
        let way = |place: usize| Self {
            profile: "dev",
            units: (16, false),
            artifact: ARTIFACTS[place % ARTIFACTS.len()],
            linker: linkers()[place % linkers().len()],
            claimed,
        };
        (0..ARTIFACTS.len().max(linkers().len())).map(way).collect()
    }

    /// cargo's settings for the fixtures.
    fn config(&self) -> String {
        let Self { profile, units: (count, incremental), .. } = self;
        let crates = ["left", "right", "app", "plugin"];
        let setting =
            |name| format!("--config profile.{profile}.package.{name}.codegen-units={count} ");
        crates.map(setting).concat()
            + &format!("--config profile.{profile}.incremental={incremental}")
    }

    fn collides(&self) {
        let Self { profile, artifact, linker, claimed, .. } = self;
        let config = self.config();
        // gold and mold name the crates' files, and not the places in them.
        let by_file = linker.ends_with("gold") || linker.ends_with("mold");
        let places = match *profile {
            "dev" if by_file => ["libleft-", "libright-"].map(str::to_owned).into(),
            "dev" => places(*claimed),
            _ => Vec::new(),
        };
        // Only the linked program gets these flags, so that the crates below it need no new build.
        let features = claimed.features();
        let line = format!("{config} {features} {artifact} -- {linker}");
        collides(profile, &line, *claimed, &places);
    }
}

/// Builds every pair of settings with one of these profiles.
fn identifiers_collide(profiles: &[&str]) {
    let _alone = alone(profiles[0]);
    let ways = Way::pairwise(Claimed::Identifier);
    ways.iter().filter(|way| profiles.contains(&way.profile)).for_each(Way::collides);
}

#[test]
fn two_crates_with_one_identifier_do_not_link() {
    identifiers_collide(PLAIN);
}

#[test]
fn two_crates_with_one_identifier_do_not_link_with_lto() {
    identifiers_collide(LTO);
}

#[test]
fn two_crates_with_one_python_class_do_not_link() {
    // The same label in assembly as for identifiers, with another name. The feature `pickle` takes long to build in every profile.
    let _alone = alone("dev");
    Way::quick(Claimed::Class).iter().for_each(Way::collides);
}

#[test]
#[ignore = "210 builds, of which the tests above make a choice: takes a quarter of an hour"]
fn two_crates_with_one_identifier_do_not_link_in_any_way() {
    Way::all(Claimed::Identifier).iter().for_each(Way::collides);
}

/// Builds the program with each profile and each of its linkers, and runs it.
fn both_are_listed(ways: &[(&str, &[&str])]) {
    for (profile, linkers) in ways {
        for linker in *linkers {
            succeeds_with(
                profile,
                &format!(
                    "rustc --profile {profile} -p app --bin app --features other-id -- {linker}"
                ),
            );
            let output = Command::new(built(profile).join("app")).output().unwrap();
            let listed = text(&output);
            let lines: BTreeSet<&str> = listed.lines().collect();
            for line in ["05 left::Left", "06 right::Right", "BS bytes", "US text"] {
                assert!(lines.contains(line), "{profile} {linker}: {listed}");
            }
            assert!(!listed.contains("check:"), "{listed}");
        }
    }
}

#[test]
fn the_same_program_with_two_identifiers_lists_both() {
    let _alone = alone("dev");
    both_are_listed(&[("dev", linkers()), ("release", linkers())]);
    succeeds("test --quiet -p app --features other-id");
}

#[test]
fn the_same_program_with_two_identifiers_lists_both_with_lto() {
    let _alone = alone("fat");
    // Each linker with one of them.
    let (some, others) = linkers().split_at(linkers().len() / 2);
    both_are_listed(&[("fat", some), ("thin", others)]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_library_for_other_languages_exports_nothing_of_ours() {
    let _alone = alone("dev");
    for profile in PLAIN {
        // gold also exports the thread-locals of every Rust crate, those of std included.
        for linker in linkers().iter().filter(|linker| !linker.ends_with("gold")) {
            succeeds(&format!("rustc --profile {profile} -p plugin --lib -- {linker}"));
            let library = built(profile).join("libplugin.so");
            let nm =
                Command::new("nm").args(["-D", "--defined-only"]).arg(library).output().unwrap();
            let symbols = String::from_utf8(nm.stdout).unwrap();
            let symbols: Vec<&str> =
                symbols.lines().filter_map(|line| line.split(' ').nth(2)).collect();
            assert_eq!(symbols, ["plugin_answer", "plugin_entries"], "{profile} {linker}");
        }
    }
}

/// A library that is loaded has its own registry in the same process, where one identifier may mean another type.
#[cfg(target_os = "linux")]
#[test]
fn a_library_that_is_loaded_and_the_program_keep_to_their_own_entries() {
    let _alone = alone("dev");
    for profile in PLAIN {
        succeeds(&format!("build --profile {profile} -p plugin"));
        // As if the program, too, could be linked against.
        for flags in ["", "-Clink-arg=-rdynamic"] {
            succeeds(&format!("rustc --profile {profile} -p loader -- {flags}"));
            let folder = built(profile);
            let library = folder.join("libplugin.so");
            // Another file is another library, though it is the same.
            let copy = folder.join("libplugin-copy.so");
            fs::copy(&library, &copy).unwrap();
            let output =
                Command::new(folder.join("loader")).args([library, copy]).output().unwrap();
            let text = text(&output);
            assert!(output.status.success(), "{text}");
            let unknown = "error: no serializer is registered for";
            let lines: Vec<&str> = text.lines().collect();
            let [left, own, hello, none, right, not_own, own_hello, own_none] = lines[..] else {
                panic!("not all threads had the same answers: {text}");
            };
            assert_eq!([left, own], ["library: 05 left::Left", "library: ow plugin::Own"]);
            assert_eq!([hello, right], ["library: US text", "program: 05 right::Right"]);
            assert_eq!(own_hello, "program: US text");
            for (line, registered) in [
                (none, "`05` (left::Left), `BS` (bytes), `US` (text), `ow` (plugin::Own);"),
                (not_own, "`05` (right::Right), `BS` (bytes), `US` (text);"),
                (own_none, "`05` (right::Right), `BS` (bytes), `US` (text);"),
            ] {
                assert!(line.contains(unknown), "{line}");
                assert!(line.contains(&format!("registered are {registered}")), "{line}");
            }
        }
    }
}

#[test]
fn what_the_linker_cannot_see_is_an_error_at_first_use() {
    let _alone = alone("dev");
    for (claimed, frame, problem) in [
        (Claimed::Identifier, "05\n", "two serializers claim the identifier `05`"),
        // `sim.Particle()`
        (
            Claimed::Class,
            "PK\ncsim\nParticle\n)R.",
            "two types claim the Python class `sim.Particle`",
        ),
    ] {
        // A linker told to take the first of two equal symbols.
        let features = claimed.features();
        succeeds(&format!("rustc -p app --bin app {features} -- -Clink-arg=-Wl,-z,muldefs"));
        let app = built("dev").join("app");
        let output = Command::new(app).args([frame, "US\nhello"]).output().unwrap();
        let text = text(&output);
        let errors: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("error: ").or(line.strip_prefix("check: ")))
            .collect();
        assert_eq!(errors.len(), 2, "{text}");
        for error in errors {
            assert!(error.starts_with(problem), "{text}");
            for place in places(claimed) {
                assert!(error.contains(&place), "{text}");
            }
        }
        assert!(text.lines().any(|line| line == "read"), "others are still read: {text}");
    }
}

#[test]
fn a_dev_dependency_cycle_is_no_collision() {
    let _alone = alone("dev");
    let text = succeeds("test -p cycle");
    assert!(text.contains("the_test_build_stands_for_both ... ok"), "{text}");
    succeeds("test --release -p cycle");
}

#[test]
fn two_versions_of_a_crate_build_with_the_escape_hatch_only() {
    let _alone = alone("dev");
    let line = "run --quiet -p shapes";
    let guarded = cargo(line, "");
    assert!(!guarded.status.success());
    assert!(text(&guarded).contains("two_crates_claim_the_identifier_sh"), "{}", text(&guarded));

    let unguarded = cargo(line, "--cfg ps_serialize_unguarded");
    let text = text(&unguarded);
    assert!(unguarded.status.success(), "{text}");
    assert!(text.contains("typed Ok(Shape) Ok(Shape)"), "{text}");
    assert!(text.contains("two serializers claim the identifier `sh`"), "{text}");
    assert!(text.contains("shape 1.0.0") && text.contains("shape 2.0.0"), "{text}");
    assert!(text.contains("two versions of one crate"), "{text}");
    assert!(text.contains("`sh` (which two serializers claim)"), "{text}");
    assert!(text.contains("text true"), "{text}");
}

#[test]
fn one_file_in_two_crates_is_a_collision_that_says_so() {
    let _alone = alone("dev");
    let guarded = cargo("run --quiet -p twice", "");
    assert!(!guarded.status.success());
    assert!(text(&guarded).contains("two_crates_claim_the_identifier_mo"), "{}", text(&guarded));

    let unguarded = cargo("run --quiet -p twice", "--cfg ps_serialize_unguarded");
    let text = text(&unguarded);
    assert!(text.contains("one line of code, compiled twice"), "{text}");
}
