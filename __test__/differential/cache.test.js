'use strict'

// The cache's table: each row with undici 8 and undici 7, and with dodici and handlers of both generations, in this run. What
// each handler hears, what the server is asked and what the store is given are the same, each in its order; or the row says
// why undici 7 does otherwise.

const assert = require('node:assert')
const { describe, test } = require('node:test')
const { play } = require('./cache/play.js')
const rows = require('./cache/rows.js')
const { load } = require('./subjects.js')
const dodici = require('../../index.js')

const [seven, eight] = ['undici7', 'undici8'].map(load)

/** The lines of each who tells them: which of two comes first is for the packets to say. */
function lanes (lines) {
  const found = {}
  for (const line of lines) {
    const [lane] = line.split(' ')
    found[lane] = [...(found[lane] ?? []), line]
  }
  return found
}

const played = async (context, row, library, generation) => lanes(await play(row, library, generation, context.mock.timers))

test('every row has a name of its own', () => {
  const names = rows.map(({ name }) => name)
  assert.deepStrictEqual(names.filter((name, index) => names.indexOf(name) !== index), [])
})

describe('the cache of dodici does what that of undici does', () => {
  for (const row of rows) {
    test(row.name, async (context) => {
      const reference = eight ?? (row.seven === undefined ? seven : null)
      if (reference === null) {
        context.skip('undici 8 needs a newer Node.js, and undici 7 does otherwise')
        return
      }
      const expected = await played(context, row, reference, 2)
      for (const generation of [1, 2]) {
        assert.deepStrictEqual(await played(context, row, dodici, generation), expected, `generation ${generation}`)
      }
    })

    if (eight !== null && !row.isEndlessInSeven) {
      test(`${row.name}: undici 7 ${row.seven === undefined ? 'too' : 'otherwise'}`, async (context) => {
        const [one, other] = [await played(context, row, seven, 2), await played(context, row, eight, 2)]
        if (row.seven === undefined) assert.deepStrictEqual(one, other)
        else assert.notDeepStrictEqual(one, other, row.seven)
      })
    }
  }
})
