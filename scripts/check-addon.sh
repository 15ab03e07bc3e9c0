#!/usr/bin/env bash
# The addon under AddressSanitizer and LeakSanitizer: builds it instrumented, and runs JavaScript tests on it, by
# default those that ask the most of it. It takes some minutes and is not part of what every change has to pass.
#
#   scripts/check-addon.sh [test files]
#
# Node.js is not instrumented, so that the sanitizer's runtime is loaded in front of it: gcc's, which every C compiler
# here brings along, because the one that comes with Rust is made for executables. RUSTC_BOOTSTRAP=1 unlocks the flag
# on the stable toolchain, and `--target` keeps it away from build scripts. std is not instrumented, but what it
# allocates is watched all the same.
#
# LeakSanitizer does not see what V8's heap refers to, and Node.js does not free everything when it exits: a leak
# counts only if the addon has allocated it. That is decided after the fact, by scripts/sanitizer-reports.mjs: a
# suppression matches any frame of a stack, and in the stacks of our own native calls there are Node.js's.
set -euo pipefail
cd "$(dirname "$0")/.."

folder="${CARGO_TARGET_DIR:-target}/address"
target=x86_64-unknown-linux-gnu

if ! command -v cc >/dev/null || [ ! -e "$(cc -print-file-name=libasan.so)" ]; then
  apt-get update -qq && apt-get install -y -qq gcc libc6-dev
fi
node scripts/setup.mjs --quick

CARGO_TARGET_DIR="$folder" RUSTC_BOOTSTRAP=1 RUSTFLAGS='-Zsanitizer=address -Cforce-frame-pointers=yes' \
  cargo build --locked --profile quick --target "$target"
mkdir -p "$folder/addon" "$folder/reports"
rm -f "$folder"/addon/* "$folder"/reports/*
cp "$folder/$target/quick/libdodici.so" "$folder/addon/dodici.node"

if [ $# -gt 0 ]; then
  files=("$@")
else
  files=(
    __test__/{native,tls,faults,dispatcher,api}/*.test.js __test__/process.test.js __test__/docs.test.js
    __test__/interceptor/{decompress,decompress-engine,zstd}.test.js __test__/web/fetch.test.js
    __test__/differential/*.test.js
  )
fi

# Every process writes its own report and goes on to its own exit code. V8 handles signals itself.
failed=0
runtime=$(realpath "$(cc -print-file-name=libasan.so)")
reports=$(realpath "$folder/reports")
for file in "${files[@]}"; do
  printf '\n== %s\n' "$file"
  NAPI_RS_NATIVE_LIBRARY_PATH=$(realpath "$folder/addon/dodici.node") LD_PRELOAD=$runtime \
    ASAN_OPTIONS="log_path=$reports/report:exitcode=0:detect_leaks=1:handle_segv=0:allow_user_segv_handler=1:detect_odr_violation=0" \
    LSAN_OPTIONS='report_objects=0:print_suppressions=0' \
    node --test --test-reporter=dot "$file" || failed=1
done

printf '\n== reports\n'
node scripts/sanitizer-reports.mjs "$reports" || failed=1
exit "$failed"
