"""What the library costs to build: prints Markdown tables.

    python3 benches/build_cost.py [annotations] [lines] [features]

Needs cargo, `strip` and Python 3.11. Times are processor seconds of all processes, which other work on
the machine hardly changes; nothing is incremental. Everything is built below the target folder.
"""

import collections
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve() / "build_cost"
ENVIRONMENT = os.environ | {"CARGO_INCREMENTAL": "0", "CARGO_TARGET_DIR": str(WORK / "target")}

COUNTS = [1, 100, 1000]
RUNS = 3

HEAD = "#![allow(unused)]\nuse std::hint::black_box;\nuse serde::{Deserialize, Serialize};\n"
TYPE = """
{attribute}
#[derive(Serialize, Deserialize)]
pub struct Type{number} {{ id: u64, name: String, position: [f64; 3], tags: Vec<u32>, parent: Option<u64> }}
"""
DERIVES = "fn main() {}\n"
ANNOTATED = """
fn main() { println!("{}", black_box(ps_serialize::registry()).iter().len()); }
"""
# What one would write without a registry: two functions for each type.
BINCODE = """
type Encode = fn(&dyn std::any::Any) -> Option<Vec<u8>>;
type Decode = fn(&[u8]) -> Option<Box<dyn std::any::Any + Send>>;
fn encode<T: Serialize + 'static>(value: &dyn std::any::Any) -> Option<Vec<u8>> {
    bincode::serde::encode_to_vec(value.downcast_ref::<T>()?, bincode::config::legacy()).ok()
}
fn decode<T: serde::de::DeserializeOwned + Send + 'static>(payload: &[u8]) -> Option<Box<dyn std::any::Any + Send>> {
    let read = bincode::serde::decode_from_slice::<T, _>(payload, bincode::config::legacy()).ok()?;
    Some(Box::new(read.0))
}
"""


def identifier(number):
    return f'b"T{number:03}"'


def program(kind, count):
    attribute = "#[ps_serialize::serializer(id = {})]" if kind == "annotated" else ""
    types = (TYPE.format(attribute=attribute.format(identifier(n)), number=n) for n in range(count))
    source = HEAD + "".join(types)
    if kind == "derives alone":
        return source + DERIVES
    if kind == "annotated":
        return source + ANNOTATED
    rows = "".join(f"({identifier(n)}, encode::<Type{n}>, decode::<Type{n}>),\n" for n in range(count))
    table = f"static TABLE: [(&[u8; 4], Encode, Decode); {count}] = [\n{rows}];\n"
    return source + BINCODE + table + 'fn main() { println!("{}", black_box(&TABLE).len()); }\n'


# What the programs with types need besides.
CODEC = """bincode = { version = "=2.0.1", default-features = false, features = ["serde", "std"] }
serde = { version = "1", features = ["derive"] }
"""


def crate(source, features=("bincode",), others=""):
    """A program that depends on the library, with the versions of this workspace."""
    folder = WORK / "app"
    (folder / "src").mkdir(parents=True, exist_ok=True)
    listed = ", ".join(f'"{feature}"' for feature in features)
    (folder / "Cargo.toml").write_text(
        '[package]\nname = "app"\nversion = "0.0.0"\nedition = "2024"\n\n[workspace]\n\n[dependencies]\n'
        f'ps-serialize = {{ path = "{ROOT}/ps-serialize", default-features = false, features = [{listed}] }}\n'
        f"{others}"
    )
    shutil.copy(ROOT / "Cargo.lock", folder)
    (folder / "src/main.rs").write_text(source)
    return folder


def cargo(folder, *arguments):
    subprocess.run(["cargo", "--quiet", *arguments], cwd=folder, env=ENVIRONMENT, check=True)


def processor_seconds(work):
    def used():
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return children.ru_utime + children.ru_stime

    before = used()
    work()
    return used() - before


def sizes(profile):
    """Return the sizes of the program, as it is and stripped, in KiB."""
    binary = WORK / "target" / profile / "app"
    stripped = WORK / "stripped"
    subprocess.run(["strip", "-o", stripped, binary], check=True)
    return [f"{file.stat().st_size / 1024:,.0f}" for file in (binary, stripped)]


def row(*cells):
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def annotations():
    row("profile", "types", "program", "build, s", "binary, KiB", "stripped, KiB")
    row("---", "---:", "---", "---:", "---:", "---:")
    for profile, options in [("dev", []), ("release", ["--release"])]:
        # The dependencies.
        cargo(crate(program("annotated", 1), others=CODEC), "build", *options)
        for count in COUNTS:
            for kind in ["derives alone", "bincode by hand", "annotated"]:
                folder = crate(program(kind, count), others=CODEC)

                def again():
                    (folder / "src/main.rs").touch()
                    cargo(folder, "build", *options)

                seconds = statistics.median(processor_seconds(again) for _ in range(RUNS))
                row(profile, f"{count:,}", kind, f"{seconds:.2f}", *sizes("debug" if profile == "dev" else profile))


def lines():
    """LLVM's lines before any optimization, by function; the instances of a generic one together."""
    count = 100
    for kind in ["bincode by hand", "annotated"]:
        folder = crate(program(kind, count), others=CODEC)
        for old in (WORK / "target/debug/deps").glob("app-*.ll"):
            old.unlink()
        cargo(folder, "rustc", "--", "--emit=llvm-ir", "-Ccodegen-units=1", "-Cno-prepopulate-passes")
        (module,) = (WORK / "target/debug/deps").glob("app-*.ll")
        by_function, copies, name = collections.Counter(), collections.Counter(), None
        for line in module.read_text().splitlines():
            if found := re.match(r'define .*?@"?([^"(]+)"?\(', line):
                name = readable(found[1])
                copies[name] += 1
            elif line == "}":
                name = None
            elif name:
                by_function[name] += 1
        total = by_function.total()
        print(f"\n{kind}: {total:,} lines, {total / count:,.0f} for each of {count} types\n")
        row("lines", "copies", "function")
        row("---:", "---:", "---")
        for name, number in by_function.most_common(25):
            row(f"{number:,}", f"{copies[name]:,}", f"`{name}`")


def readable(symbol):
    """Return a mangled name without what tells the instances of a generic function apart."""
    parts, rest = [], symbol.removeprefix("_ZN").split(".llvm.")[0]
    while found := re.match(r"(\d+)", rest):
        start = found.end()
        end = start + int(found[1])
        parts.append(rest[start:end])
        rest = rest[end:]
    name = "::".join(part for part in parts if not re.fullmatch(r"h[0-9a-f]{16}", part)) or symbol
    for mangled, plain in [("$LT$", "<"), ("$GT$", ">"), ("$u20$", " "), ("$RF$", "&"), ("$C$", ","),
                           ("$u7b$", "{"), ("$u7d$", "}"), ("$u5b$", "["), ("$u5d$", "]"), ("..", "::")]:
        name = name.replace(mangled, plain)
    return re.sub(r"Type\d+", "Type", name).lstrip("_")


FRAME = 'fn main() { println!("{:?}", ps_serialize::serialize("hello").unwrap()); }\n'


def features():
    row("feature", "crates", "build of all of them, s", "of the library and the program, s", "binary, KiB", "stripped, KiB")
    row("---", "---:", "---:", "---:", "---:", "---:")
    manifest = (ROOT / "ps-serialize/Cargo.toml").read_text()
    table = manifest.split("[features]")[1].split("\n[")[0]
    names = [name for name in re.findall(r"^(\w+) =", table, re.MULTILINE) if name != "default"]
    # The largest last.
    for name in ["", *sorted(names, key=lambda name: name == "polars")]:
        features = [name] if name else []
        folder = crate(FRAME, features)
        tree = subprocess.run(
            ["cargo", "tree", "--edges", "normal,build", "--prefix", "none", "--no-dedupe", "--quiet"],
            cwd=folder, env=ENVIRONMENT, check=True, capture_output=True, text=True,
        )
        crates = {line.removesuffix(" (*)") for line in tree.stdout.splitlines()} - {""}
        shutil.rmtree(WORK / "target/release", ignore_errors=True)
        whole = processor_seconds(lambda: cargo(folder, "build", "--release"))
        cargo(folder, "clean", "--release", "--package", "ps-serialize")
        library = processor_seconds(lambda: cargo(folder, "build", "--release"))
        # Without the program itself.
        row(name or "none", len(crates) - 1, f"{whole:.1f}", f"{library:.1f}", *sizes("release"))


def main():
    WORK.mkdir(parents=True, exist_ok=True)
    parts = {"annotations": annotations, "lines": lines, "features": features}
    for name in sys.argv[1:] or parts:
        print(f"\n### {name}\n")
        parts[name]()


if __name__ == "__main__":
    main()
