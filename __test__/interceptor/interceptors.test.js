'use strict'

// The tables of this folder: what each row says is seen, with handlers of both generations; and seen with undici 8 and
// undici 6 as well, unless the row says what is better here, or what undici 6 lacks.

const assert = require('node:assert')
const { describe, test } = require('node:test')
const { play } = require('./play.js')
const dodici = require('../../index.js')

function load (name) {
  try {
    return require(name)
  } catch {
    // undici 8 needs a newer Node than we do.
    return null
  }
}

const six = load('undici6')
const eight = load('undici8')

for (const table of ['redirect', 'retry', 'dump', 'response-error', 'decompress', 'dns']) {
  describe(table, () => {
    for (const row of require(`./rows/${table}.js`)) {
      for (const generation of [1, 2]) {
        test(`${row.name} (generation ${generation})`, async () => {
          assert.deepStrictEqual(await play(row, dodici, generation), row.sees)
        })
      }
      if (eight !== null) {
        test(`${row.name}: ${row.eight === undefined ? 'so does' : 'unlike'} undici 8`, async () => {
          const seen = await play(row, eight, 2)
          if (row.eight === undefined) assert.deepStrictEqual(seen, row.sees)
          else assert.notDeepStrictEqual(seen, row.sees, row.eight)
        })
      }
      if (row.six === undefined) {
        test(`${row.name}: so does undici 6`, async () => {
          assert.deepStrictEqual(await play(row, six, 1), row.sees)
        })
      }
    }
  })
}
