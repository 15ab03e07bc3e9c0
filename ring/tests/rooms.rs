//! Who may know whom: the ring uses `core` and `alloc` and nothing else, and speaks of octets only.
#![cfg(not(loom))]

use std::fs;
use std::path::{Path, PathBuf};

/// The roots of paths that code in this room may name.
const MAY_USE: &[&str] = &["core", "alloc", "crate", "super", "self"];
/// The model is the memory inside loom, and only compiled for it.
const MODEL: &str = "model.rs";
const MODEL_MAY_USE: &[&str] = &["loom", "std"];
/// Words of other rooms: of the engine, the bridge and the protocol that the records are about.
const MAY_NOT_SAY: &[&str] = &["http", "napi", "tokio", "engine", "request", "response", "socket", "body", "exchange"];

fn sources() -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn the_ring_uses_core_and_alloc_only() {
    for (path, source) in sources() {
        let is_model = path.ends_with(MODEL);
        let production = source.split("#[cfg(test)]").next().unwrap();
        for line in production.lines().map(str::trim_start) {
            let Some(used) = line.trim_start_matches("pub ").trim_start_matches("pub(crate) ").strip_prefix("use ")
            else {
                continue;
            };
            let root = used.split([':', ';', ' ']).next().unwrap();
            let is_own_module = path.ends_with("lib.rs") && ["consumer", "memory", "producer"].contains(&root);
            let is_allowed = MAY_USE.contains(&root) || (is_model && MODEL_MAY_USE.contains(&root)) || is_own_module;
            assert!(is_allowed, "{}: the ring may not use `{root}`", path.display());
        }
        assert!(is_model || !production.contains("std::"), "{}: the ring does without std", path.display());
    }
}

#[test]
fn the_ring_does_not_know_what_the_records_say() {
    for (path, source) in sources() {
        let source = source.to_lowercase();
        for word in source.split(|character: char| !character.is_alphanumeric()) {
            assert!(!MAY_NOT_SAY.contains(&word), "{}: the ring may not say `{word}`", path.display());
        }
    }
}

#[test]
fn only_the_memory_and_its_two_sides_are_unsafe() {
    for (path, source) in sources() {
        let may = ["memory.rs", MODEL, "producer.rs", "consumer.rs"].iter().any(|file| path.ends_with(file));
        assert!(may || !source.contains("unsafe {"), "{}: unsafe code lives elsewhere", path.display());
    }
}

#[test]
fn the_ring_has_no_dependency_but_the_model_checker() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let tables: Vec<_> = manifest.lines().filter(|line| line.contains("dependencies")).collect();
    assert_eq!(tables, ["[target.'cfg(loom)'.dependencies]"]);
    assert!(manifest.ends_with("loom = \"=0.7.2\"\n\n[lints]\nworkspace = true\n"));
}
