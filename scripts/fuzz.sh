#!/usr/bin/env bash
# Builds the fuzz targets of the protocols and runs them.
#
#   scripts/fuzz.sh [SECONDS | --runs N | --build] [TARGET...]
#
# So many seconds (60 when nothing is said) or executions for each target; all of them when none is named. Two run at a
# time, or FUZZ_JOBS. Any crash, hang or growth fails, with the input that does it in engine/fuzz/artifacts/TARGET. The
# committed corpus is only read: a run works on a copy, which FUZZ_KEEP=FOLDER keeps.
#
# With --build nothing is run: for a script that has something else to do meanwhile.
#
# A run of so many seconds looks for new paths: every edge is counted, inputs are long. A run of so many executions is
# for their number: functions are counted, inputs are short, and libFuzzer does little beside executing, which makes it
# some ten times as fast.
#
# A stable toolchain and a C++ compiler (for libFuzzer) are all that is needed: the flags are those that cargo-fuzz
# passes, without a sanitizer, since the engine forbids `unsafe`, and without tracing of comparisons, which the tokens of
# the targets do without: head took 68 us with it and 33 us without, and reached as much. `--target` keeps the flags
# away from build scripts.
set -euo pipefail
cd "$(dirname "$0")/.."

fuzz=$PWD/engine/fuzz
all=(head body split encode model coding tunnel socks5)
limit=(-max_total_time=60 -max_len=2048)
coverage=4
is_run=1
case ${1-} in
  --build) is_run=0; shift ;;
  --runs) limit=("-runs=${2:?--runs needs a number}" -max_len=128 -keep_seed=1 -entropic=0); coverage=1; shift 2 ;;
  [0-9]*) limit=("-max_total_time=$1" -max_len=2048); shift ;;
esac
targets=("$@")
[ $# -gt 0 ] || targets=("${all[@]}")
for target in "${targets[@]}"; do
  [ -f "$fuzz/fuzz_targets/$target.rs" ] || { echo "no target '$target'; there are: ${all[*]}" >&2; exit 2; }
done

host=$(rustc -vV | sed -n 's/^host: //p')
folder=${CARGO_TARGET_DIR:-$fuzz/target}
flags=(
  -Cpasses=sancov-module
  -Cllvm-args=-sanitizer-coverage-level=$coverage
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
  -Cllvm-args=-sanitizer-coverage-pc-table
  -Cdebug-assertions
  -Coverflow-checks
  --cfg fuzzing
)
RUSTFLAGS=${flags[*]} cargo build --manifest-path "$fuzz/Cargo.toml" --target-dir "$folder" --target "$host" \
  --release --bins --locked
[ "$is_run" = 1 ] || exit 0

work=${FUZZ_KEEP:-}
if [ -z "$work" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi

# run TARGET: its log goes to a file, and its exit code to another.
run() {
  local target=$1 code=0
  mkdir -p "$work/$target" "$fuzz/artifacts/$target"
  cp -R "$fuzz/corpus/$target/." "$work/$target/"
  # Looking for a shorter input for each thing that is reached costs a third of the time, and the files of it.
  "$folder/$host/release/$target" "${limit[@]}" -timeout=10 -rss_limit_mb=512 -reduce_inputs=0 \
    -print_final_stats=1 "-artifact_prefix=$fuzz/artifacts/$target/" "$work/$target" >"$work/$target.log" 2>&1 || code=$?
  echo "$code" >"$work/$target.code"
}

# Slots are given back by those that are done.
jobs=${FUZZ_JOBS:-2}
running=0
for target in "${targets[@]}"; do
  if [ "$running" -ge "$jobs" ]; then
    wait -n
    running=$((running - 1))
  fi
  run "$target" &
  running=$((running + 1))
done
wait

figure() {
  sed -n "s/^stat::$2: *//p" "$work/$1.log"
}

failed=0
printf '%-8s %14s %10s %9s %8s\n' target executions per-second peak-MiB corpus
for target in "${targets[@]}"; do
  printf '%-8s %14s %10s %9s %8s' "$target" "$(figure "$target" number_of_executed_units)" \
    "$(figure "$target" average_exec_per_sec)" "$(figure "$target" peak_rss_mb)" \
    "$(find "$work/$target" -type f | wc -l | tr -d ' ')"
  if [ "$(cat "$work/$target.code")" = 0 ]; then
    printf '\n'
  else
    printf '  FAILED\n'
    failed=1
    grep -v '^#' "$work/$target.log" | tail -n 60 >&2
  fi
done
exit "$failed"
