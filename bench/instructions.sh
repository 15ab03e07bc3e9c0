#!/usr/bin/env bash
# Counts the instructions that the engine needs for a request, with callgrind: the same on every run and on a busy
# machine. What starting costs falls out of the difference of two runs.
#
#   bench/instructions.sh [FILE]     prints the table; FILE, for example docs/bench/instructions.txt, keeps it
#
# Needs valgrind and Rust.
set -euo pipefail
cd "$(dirname "$0")/.."

few=1000 many=3000
pieces=(get get-20-fields get-new-head get-20-new get-64k get-chunked post-1k pool-idle pool-queued session)

program=$(cargo bench --locked --package dodici-engine --bench instructions --no-run --message-format=json |
  sed -n 's/.*"name":"instructions".*"executable":"\([^"]*\)".*/\1/p')

# instructions PIECE COUNT
instructions() {
  valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "$1" "$2" 2>&1 | sed -n 's/.*Collected : //p'
}

table() {
  echo "Instructions of the engine for one request, without sockets ($(rustc --version | cut -d' ' -f1-2), $(uname -m)):"
  for piece in "${pieces[@]}"; do
    first=$(instructions "$piece" "$few")
    second=$(instructions "$piece" "$many")
    printf '%-14s %8d\n' "$piece" $(((second - first) / (many - few)))
  done
}

if [ $# -gt 0 ]; then table | tee "$1"; else table; fi
