// Reads what the sanitizers' runtime has written (scripts/check-addon.sh) and tells what concerns the addon: every
// error of memory, and the leaks of what it has allocated. Node.js's own leaks are counted and passed over.
//
//   node scripts/sanitizer-reports.mjs <folder>

import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'

// A frame of Rust code, which only the addon brings along.
const ADDON = /\.rs:\d+|dodici\.node/
// What may stand between that and the leak: an allocator, and a call of Node-API that allocates for its caller. V8, below
// such a call, allocates for itself, and lets a process end without freeing it.
const BETWEEN = /libsanitizer|operator new| in (malloc|calloc|realloc|posix_memalign)\b| in napi_\w+/
// What is known and not ours to mend: a reference to the constructor of each class, which napi-rs makes in every
// environment and never deletes (40 octets); and what a finalizer would free, which process.exit() does not wait for.
const KNOWN = /register_classes|in _construct</
const [folder] = process.argv.slice(2)

let foreign = 0
const ours = new Map()

for (const name of readdirSync(folder)) {
  // Paragraphs: a title with a stack, or several.
  for (const paragraph of readFileSync(path.join(folder, name), 'utf8').split(/\n\s*\n/)) {
    if (/^(Direct|Indirect) leak/m.test(paragraph)) {
      if (isOfAddon(paragraph) && !KNOWN.test(paragraph)) note(paragraph)
      else foreign++
    } else if (/ERROR: AddressSanitizer/.test(paragraph)) {
      note(paragraph)
    }
  }
}

function framesOf (paragraph) {
  return paragraph.split('\n').filter((line) => /^\s*#\d/.test(line))
}

function isOfAddon (paragraph) {
  const first = framesOf(paragraph).find((frame) => !BETWEEN.test(frame))
  return first !== undefined && ADDON.test(first)
}

// The same leak of each process is told once.
function note (paragraph) {
  const stack = framesOf(paragraph).map((line) => line.replace(/0x[0-9a-f]+/g, '').trim())
  const key = stack.slice(0, 12).join('\n') || paragraph
  const known = ours.get(key)
  if (known === undefined) ours.set(key, { paragraph, times: 1 })
  else known.times++
}

for (const { paragraph, times } of ours.values()) {
  console.log(`${times} times:\n${paragraph}\n`)
}
console.log(`${ours.size} kinds of reports about the addon; ${foreign} leaks of others`)
process.exitCode = ours.size === 0 ? 0 : 1
