//! Who may know whom, as data. A room that reaches for what it may not have fails here under the name of
//! the rule that it breaks.

use std::path::{Path, PathBuf};

/// A part of the engine, and what its sources may name. Everything may use itself, `std`, and `bytes`.
struct Room {
    name: &'static str,
    /// A file, or a folder with all that is in it.
    source: &'static str,
    /// Modules of the engine.
    modules: &'static [&'static str],
    /// Packages.
    packages: &'static [&'static str],
    /// What it may not name, although the above would let it.
    never: &'static [&'static str],
}

/// The clock. Below `conn`, time is an argument.
const CLOCK: [&str; 3] = ["Instant::now", "SystemTime", ".elapsed("];

const ROOMS: [Room; 12] = [
    Room { name: "message", source: "message.rs", modules: &[], packages: &[], never: &CLOCK },
    Room { name: "origin", source: "origin.rs", modules: &[], packages: &[], never: &CLOCK },
    Room { name: "error", source: "error.rs", modules: &[], packages: &[], never: &CLOCK },
    Room { name: "flow", source: "flow.rs", modules: &[], packages: &[], never: &CLOCK },
    Room { name: "slab", source: "slab.rs", modules: &[], packages: &[], never: &CLOCK },
    Room {
        name: "command",
        source: "command.rs",
        modules: &["message", "origin", "event", "net", "pool"],
        packages: &[],
        never: &CLOCK,
    },
    Room {
        name: "event",
        source: "event.rs",
        modules: &["message", "error", "command", "net", "slab"],
        packages: &[],
        never: &CLOCK,
    },
    Room {
        name: "proto",
        source: "proto",
        modules: &["message", "error"],
        packages: &["httparse", "memchr", "rustc_hash", "flate2", "brotli_decompressor", "zstd_safe"],
        never: &["Instant::now", "SystemTime", ".elapsed(", "std::net", "std::thread", "std::fs"],
    },
    Room {
        name: "net",
        source: "net",
        modules: &["origin", "error", "proto"],
        packages: &[
            "tokio",
            "socket2",
            "dns_lookup",
            "libc",
            "p12_keystore",
            "rustls",
            "tokio_rustls",
            "webpki",
            "x509_cert",
        ],
        // How proxies are asked for tunnels is all of `proto` that it knows.
        never: &["h1::Connection", "h1::Config"],
    },
    Room {
        name: "conn",
        source: "conn",
        modules: &["proto", "net", "message", "flow", "error", "slab"],
        packages: &["tokio"],
        never: &["std::thread", "tokio::net", "TcpStream"],
    },
    Room {
        name: "pool",
        source: "pool",
        modules: &["conn", "message", "event", "origin", "error", "slab"],
        packages: &[],
        never: &["H1Opener", "std::net", "std::thread", "Instant::now", "SystemTime", ".elapsed("],
    },
    Room {
        name: "engine",
        source: "engine",
        modules: &["command", "conn", "event", "message", "net", "pool", "proto", "slab"],
        packages: &["tokio"],
        never: &["std::net", "std::thread"],
    },
];

/// Packages that a source could name. Those that no room may have stand here to be refused.
const PACKAGES: [&str; 15] = [
    "tokio",
    "socket2",
    "dns_lookup",
    "libc",
    "httparse",
    "memchr",
    "flate2",
    "brotli_decompressor",
    "zstd_safe",
    "rustls",
    "tokio_rustls",
    "x509_cert",
    "h2",
    "napi",
    "dodici_ring",
];

#[test]
fn every_room_knows_only_whom_it_may() {
    let mut broken = Vec::new();
    for room in &ROOMS {
        for file in sources(&source_folder().join(room.source)) {
            let text = std::fs::read_to_string(&file).unwrap();
            for fault in faults(room, &code(&text)) {
                broken.push(format!("{} {fault}: {}", room.name, file.display()));
            }
        }
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn every_source_is_in_a_room() {
    let rooms: Vec<PathBuf> = ROOMS.iter().map(|room| source_folder().join(room.source)).collect();
    for file in sources(&source_folder()) {
        let is_root = file == source_folder().join("lib.rs");
        assert!(is_root || rooms.iter().any(|room| file.starts_with(room)), "{} is in no room", file.display());
    }
}

#[test]
fn a_broken_rule_is_named() {
    let proto = ROOMS.iter().find(|room| room.name == "proto").unwrap();
    let text = "use tokio::time;\nuse crate::{a, b};\nlet now = Instant::now();\nuse crate::pool::X;";
    assert_eq!(
        faults(proto, text),
        [
            "may not use the module `pool`",
            "may not group imports of several modules",
            "may not use the package `tokio`",
            "may not name `Instant::now`"
        ]
    );
}

fn faults(room: &Room, code: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (at, prefix) in code.match_indices("crate::") {
        let rest = &code[at + prefix.len()..];
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let module = &rest[..end];
        if !module.is_empty() && module != room.name && !room.modules.contains(&module) {
            faults.push(format!("may not use the module `{module}`"));
        }
    }
    if code.contains("crate::{") {
        faults.push("may not group imports of several modules".to_owned());
    }
    for package in PACKAGES {
        if names(code, &format!("{package}::")) && !room.packages.contains(&package) {
            faults.push(format!("may not use the package `{package}`"));
        }
    }
    for name in room.never {
        if names(code, name) {
            faults.push(format!("may not name `{name}`"));
        }
    }
    faults
}

/// Whether `code` has `name`, and not as the end of a longer one.
fn names(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        !code[..at].ends_with(|before: char| before.is_alphanumeric() || "_:".contains(before)) || name.starts_with('.')
    })
}

/// A source without its comments and without the tests at its end.
fn code(text: &str) -> String {
    let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    text[..end].lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

fn source_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The sources in a file or folder. A file `tests.rs` holds nothing but tests.
fn sources(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        let is_source = path.extension().is_some_and(|extension| extension == "rs");
        let is_test = path.file_name().is_some_and(|name| name == "tests.rs");
        return if is_source && !is_test { vec![path.to_owned()] } else { Vec::new() };
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path).unwrap() {
        found.extend(sources(&entry.unwrap().path()));
    }
    found.sort();
    found
}
