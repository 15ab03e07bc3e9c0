#!/usr/bin/env bash
# Every check of the shared-memory ring: lints, tests, loom's memory model, AddressSanitizer, ThreadSanitizer.
#
# The sanitizers run on the stable toolchain: their runtimes come with it, and RUSTC_BOOTSTRAP=1 unlocks the flag.
# `--target` keeps them away from build scripts. std itself is not instrumented, which would take -Zbuild-std and
# its sources:
# - rustc refuses to link code built with ThreadSanitizer to a std built without it (the sanitizer is part of the
#   ABI); -Cunsafe-allow-abi-mismatch=sanitizer allows it. The ring and tests/threads.rs are
#   instrumented. Locks and channels of std are only half so, which gives false alarms: that test synchronises its
#   threads by atomics, and does without the test harness.
# - ThreadSanitizer does not model fences. Only the bell flags rely on them, and these are atomics; the data is
#   ordered by acquire and release on `tail` and `head`, which it does model.
#
# Each run has its own folder below the target folder: another RUSTFLAGS would rebuild everything each time.
set -euo pipefail
cd "$(dirname "$0")/.."

folder="${CARGO_TARGET_DIR:-target}"
target=x86_64-unknown-linux-gnu

step () {
  printf '\n== %s\n' "$1"
}

step 'lints'
cargo fmt -p dodici-ring -- --check
cargo clippy -p dodici-ring --all-targets -- -D warnings

step 'tests'
cargo test -p dodici-ring

step 'loom: every interleaving of small models'
# Optimised for the number of interleavings, without the link-time optimisation that the addon wants.
CARGO_TARGET_DIR="$folder/loom" CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
  RUSTFLAGS='--cfg loom' cargo test -p dodici-ring --release --test loom

step 'AddressSanitizer'
CARGO_TARGET_DIR="$folder/address" RUSTC_BOOTSTRAP=1 RUSTFLAGS='-Zsanitizer=address' \
  cargo test -p dodici-ring --lib --tests --target "$target"

step 'ThreadSanitizer'
CARGO_TARGET_DIR="$folder/thread" RUSTC_BOOTSTRAP=1 \
  RUSTFLAGS='-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer' \
  cargo test -p dodici-ring --test threads --target "$target"
