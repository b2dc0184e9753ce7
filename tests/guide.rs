//! What README.md and the guide say of the library is so.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};

use ps_serialize::{Bincode, Decode, Encode, Payload};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let is_source = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "rs");
    files(folder).into_iter().filter(is_source).collect()
}

#[test]
fn the_page_on_security_lists_every_file_with_unsafe_code() {
    let library = root().join("ps-serialize");
    let page = fs::read_to_string(library.join("src/guide/security.md")).unwrap();
    let sources = sources(&library.join("src"));
    assert!(sources.len() > 50, "{sources:?}");
    for path in sources {
        let text = fs::read_to_string(&path).unwrap();
        let marks = ["unsafe {", "unsafe fn", "unsafe impl", "unsafe(", "asm!"];
        let has = marks.iter().any(|mark| text.contains(mark));
        let name = path.strip_prefix(&library).unwrap().to_str().unwrap().replace('\\', "/");
        assert_eq!(page.contains(&format!("`{name}`")), has, "{name}");
    }
}

/// Examples are compiled into one program, unless one of them can't be: then all are compiled alone, which takes ten times as long. Two that claim
/// one identifier can't.
#[test]
fn examples_that_annotate_a_type_are_programs_of_their_own() {
    let root = root();
    let mut files = files(&root.join("ps-serialize/src"));
    files.push(root.join("README.md"));
    let mut annotated = 0;
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let is_page = path.extension().is_some_and(|extension| extension == "md");
        let lines = text.lines().map(str::trim_start);
        let lines: Vec<&str> = if is_page {
            lines.collect()
        } else {
            let comments = lines
                .filter_map(|line| line.strip_prefix("///").or_else(|| line.strip_prefix("//!")));
            comments.map(str::trim_start).collect()
        };
        // Between two fences is an example, and after it text.
        let fences: Vec<usize> =
            (0..lines.len()).filter(|&line| lines[line].starts_with("```")).collect();
        let (pairs, rest) = fences.as_chunks();
        assert!(rest.is_empty(), "{}", path.display());
        for &[start, end] in pairs {
            let kind = lines[start].trim_start_matches('`');
            let is_compiled =
                !["text", "python", "toml", "sh", "ignore"].iter().any(|word| kind.contains(word));
            let claims = lines[start..end].iter().any(|line| line.contains("#[serializer("));
            if is_compiled && claims {
                annotated += 1;
                let example = lines[start..end].join("\n");
                assert!(kind.contains("standalone_crate"), "{}: {example}", path.display());
            }
        }
    }
    assert!(annotated > 30, "{annotated}");
}

#[test]
fn changes_of_a_type_that_the_page_on_stability_allows_leave_its_bytes() {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Before {
        name: String,
        numbers: Vec<u16>,
        event: EventBefore,
    }

    #[derive(serde::Serialize, serde::Deserialize)]
    enum EventBefore {
        Moved { by: f32 },
        Gone(u8),
    }

    #[derive(serde::Serialize, serde::Deserialize)]
    struct After {
        label: Box<str>,
        values: VecDeque<u16>,
        what: Box<EventAfter>,
    }

    #[derive(serde::Serialize, serde::Deserialize)]
    enum EventAfter {
        Shifted { distance: f32 },
        Away(u8),
        Back,
    }

    let before = |event| Before { name: "é".to_owned(), numbers: vec![1, 2, 3], event };
    let after = |what| After { label: "é".into(), values: [1, 2, 3].into(), what: Box::new(what) };
    for (before, after) in [
        (before(EventBefore::Moved { by: 0.5 }), after(EventAfter::Shifted { distance: 0.5 })),
        (before(EventBefore::Gone(7)), after(EventAfter::Away(7))),
    ] {
        let (mut old, mut new) = (Vec::new(), Vec::new());
        Bincode::encode(&before, &mut old).unwrap();
        Bincode::encode(&after, &mut new).unwrap();
        assert_eq!(old, new);
    }
    let mut added = Vec::new();
    Bincode::encode(&after(EventAfter::Back), &mut added).unwrap();
    assert!(Payload::read(&added, <Bincode as Decode<Before>>::decode).is_err());
}

#[test]
fn the_page_on_python_classes_shows_those_of_the_example() {
    let library = root().join("ps-serialize");
    let page = fs::read_to_string(library.join("src/guide/python_classes.md")).unwrap();
    let classes = fs::read_to_string(library.join("examples/shop.py")).unwrap();
    assert!(page.contains(&format!("```python\n# shop.py\n{classes}```\n")), "{classes}");
    let example = fs::read_to_string(library.join("examples/python_exchange.rs")).unwrap();
    for class in ["shop.Size", "shop.Order", "shop.Report"] {
        let annotation = format!("#[serializer(python = \"{class}\")]");
        assert!(page.contains(&annotation) && example.contains(&annotation), "{class}");
    }
}

#[test]
fn readme_has_at_most_150_lines() {
    let lines = fs::read_to_string(root().join("README.md")).unwrap().lines().count();
    assert!(lines <= 150, "{lines}");
}

/// Code without comments and white space.
fn dense(code: &str) -> String {
    let code: String = code.lines().filter_map(|line| line.split("//").next()).collect();
    code.replace(char::is_whitespace, "").replace(",}", "}")
}

#[test]
fn readme_shows_examples_that_are_compiled_and_run() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let blocks = |kind: &str| -> Vec<String> {
        let blocks = readme.split("```").skip(1).step_by(2);
        blocks.filter_map(|block| Some(block.strip_prefix(kind)?.to_owned())).collect()
    };
    let example =
        |name: &str| fs::read_to_string(root().join("ps-serialize/examples").join(name)).unwrap();
    let shown: Vec<String> = blocks("rust,ignore\n").iter().map(|block| dense(block)).collect();
    assert_eq!(shown, [dense(&example("record.rs")), dense(&example("python_class.rs"))]);
    assert_eq!(blocks("python\n"), [example("lab_reader.py")]);
}
