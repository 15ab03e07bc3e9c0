'use strict'

// Every scenario of the table, once with the reference and once with dodici, in this run: the traces are equal, or the
// row says what is better here. A row may have
//   differs   undici 6 and undici 8 do not agree here, and why; that they do not is checked as well
//   prefers   the reference although they differ, because the document promises what undici 6 does
//   lacks     'undici6', which has no such dispatcher
//   apart     each generation has words of its own, so they are not compared with each other
//   ours      { why, lanes, patch }: dodici differs from the reference; `lanes` compares every actor by itself instead
//             of one order over all, `patch(trace)` turns the trace of the reference into the expected one, and
//             `except` names parts of the trace (`wire`, `returns`, a lane) that are not compared

const assert = require('node:assert')
const { readdirSync } = require('node:fs')
const { join } = require('node:path')
const { describe, test } = require('node:test')
const { run } = require('./run.js')
const { byLane } = require('./trace.js')
const { generations, subject, reference, references, both } = require('./subjects.js')
const dodici = require('../../index.js')

const folder = join(__dirname, 'scenarios')
const scenarios = readdirSync(folder).sort().flatMap((file) => require(join(folder, file)))

/** What of a trace can be compared with another generation: all but what only one of them is told. */
const neutral = ({ parsed, ...trace }) => trace

function view (trace, { lanes, except, sameGeneration }) {
  const seen = { ...(sameGeneration ? trace : neutral(trace)) }
  if (lanes) seen.events = byLane(seen.events)
  for (const part of except) {
    delete seen[part]
    delete seen.events[part]
  }
  return seen
}

describe('the table itself', () => {
  test('every scenario has a name of its own', () => {
    const names = scenarios.map((scenario) => scenario.name)
    assert.deepStrictEqual(names.filter((name, index) => names.indexOf(name) !== index), [])
  })
})

if (both) {
  describe('undici 6 and undici 8 differ where the table says so, and nowhere else', () => {
    for (const scenario of scenarios) {
      const { six, eight } = references(scenario, generations(scenario)[0])
      if (six === null || eight === null || scenario.apart || scenario.generations) continue
      test(scenario.name, async () => {
        const [first, second] = [neutral(await run(scenario, six)), neutral(await run(scenario, eight))]
        if (scenario.differs) assert.notDeepStrictEqual(first, second)
        else assert.deepStrictEqual(first, second)
      })
    }
  })
}

describe('dodici does what the reference does', () => {
  for (const scenario of scenarios) {
    for (const generation of generations(scenario)) {
      const model = reference(scenario, generation)
      if (model === null) continue
      const ours = subject('dodici', dodici, generation)
      test(`${scenario.name} (${ours.name} as ${model.name})`, async () => {
        const { lanes = false, except = [], patch = (trace) => trace } = scenario.ours ?? {}
        const how = { lanes, except, sameGeneration: model.generation === generation }
        const expected = patch(await run(scenario, model), generation)
        const actual = await run(scenario, ours)
        assert.deepStrictEqual(view(actual, how), view(expected, how), scenario.ours?.why)
      })
    }
  }
})
