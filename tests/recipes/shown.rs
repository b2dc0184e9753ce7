const GUIDE: &str = include_str!("../../ps-serialize/src/guide/recipes.md");

const RECIPES: [(&str, &str); 6] = [
    ("http.rs", include_str!("http.rs")),
    ("mmap.rs", include_str!("mmap.rs")),
    ("nats.rs", include_str!("nats.rs")),
    ("object_store.rs", include_str!("object_store.rs")),
    ("redis.rs", include_str!("redis.rs")),
    ("tokio.rs", include_str!("tokio.rs")),
];

#[test]
fn the_guide_shows_lines_of_each_recipe() {
    let mut shown = Vec::new();
    for section in GUIDE.split("\n# ").skip(1) {
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
