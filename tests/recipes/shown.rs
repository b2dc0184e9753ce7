use std::collections::BTreeSet;

const RECIPES_PAGE: &str = include_str!("../../ps-serialize/src/guide/recipes.md");

const WORKER_PAGE: &str = include_str!("../../ps-serialize/src/guide/worker.md");

const RECIPES: [(&str, &str); 6] = [
    ("http.rs", include_str!("http.rs")),
    ("mmap.rs", include_str!("mmap.rs")),
    ("nats.rs", include_str!("nats.rs")),
    ("object_store.rs", include_str!("object_store.rs")),
    ("redis.rs", include_str!("redis.rs")),
    ("tokio.rs", include_str!("tokio.rs")),
];

const WORKER: [(&str, &str); 7] = [
    ("tests/recipes/object_store.rs", include_str!("object_store.rs")),
    ("tests/worker/jobs.py", include_str!("../worker/jobs.py")),
    ("tests/worker/over_files.py", include_str!("../worker/over_files.py")),
    ("tests/worker/over_files.rs", include_str!("../worker/over_files.rs")),
    ("tests/worker/over_redis.py", include_str!("../worker/over_redis.py")),
    ("tests/worker/over_redis.rs", include_str!("../worker/over_redis.rs")),
    ("tests/worker/worker.rs", include_str!("../worker/worker.rs")),
];

#[test]
fn the_guide_shows_lines_of_each_recipe() {
    let mut shown = Vec::new();
    for section in RECIPES_PAGE.split("\n# ").skip(1) {
        let recipe = RECIPES.iter().find(|(name, _)| section.contains(&format!("recipes/{name}")));
        let Some((name, source)) = recipe else { panic!("no recipe is named in:\n{section}") };
        let blocks: Vec<_> = section.split("```").skip(1).step_by(2).collect();
        assert!(!blocks.is_empty(), "nothing is shown of {name}");
        for block in blocks {
            let lines = block.strip_prefix("rust,ignore\n").expect("a block of Rust");
            assert!(source.contains(lines), "not in {name}:\n{lines}");
        }
        shown.push(*name);
    }
    shown.sort_unstable();
    assert_eq!(shown, RECIPES.map(|(name, _)| name));
}

/// Whether the lines are in a file, further to the right or not.
fn has(source: &str, lines: &str) -> bool {
    ["", "    ", "        "].iter().any(|indent| {
        let indented =
            |line: &str| if line.is_empty() { "\n".into() } else { format!("{indent}{line}\n") };
        source.contains(&lines.lines().map(indented).collect::<String>())
    })
}

#[test]
fn the_page_on_workers_shows_lines_of_its_programs() {
    let mut shown = BTreeSet::new();
    let mut section = String::new();
    // Text and blocks take turns. A `#` in a block of Python begins a comment.
    for (place, part) in WORKER_PAGE.split("```").enumerate() {
        if place % 2 == 0 {
            match part.rsplit_once("\n# ") {
                Some((_, text)) => section = text.to_owned(),
                None => section += part,
            }
            continue;
        }
        let (language, lines) = part.split_once('\n').unwrap();
        let end = match language {
            "rust,ignore" => ".rs",
            "python" => ".py",
            "text" => continue,
            language => panic!("a block of {language}:\n{lines}"),
        };
        let named = |(name, source): &&(&str, &str)| {
            name.ends_with(end) && section.contains(&format!("`{name}`")) && has(source, lines)
        };
        let file = WORKER.iter().find(named);
        shown.insert(file.unwrap_or_else(|| panic!("in no file that is named:\n{lines}")).0);
    }
    assert!(shown.into_iter().eq(WORKER.map(|(name, _)| name)));
}
