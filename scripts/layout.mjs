// Writes lib/native/layout.js, the JavaScript side's copy of the numbers that ring/src/layout.rs and src/layout.rs
// define, by asking the built addon for them. With --check it writes nothing and fails if the copy differs.

import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { FailedStep, main, setup } from './setup.mjs'

const file = new URL('../lib/native/layout.js', import.meta.url)

function render (table) {
  const entries = Object.entries(table).map(([name, value]) => `  ${name}: ${value}`)
  return `'use strict'

// The numbers of the shared memory, generated from ring/src/layout.rs and src/layout.rs by \`npm run layout\`.
// No code lives here.

module.exports = {
${entries.join(',\n')}
}
`
}

main(() => {
  setup()
  const { layout } = createRequire(import.meta.url)('../lib/native/binding.js')
  const wanted = render(layout())
  if (readFileSync(file, 'utf8') === wanted) return
  if (process.argv.includes('--check')) {
    throw new FailedStep('lib/native/layout.js does not say what the Rust side says: `npm run layout` writes it anew.')
  }
  writeFileSync(file, wanted)
})
