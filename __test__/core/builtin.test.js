'use strict'

// Node's own dispatcher is told from everybody else's.

const { test } = require('node:test')
const assert = require('node:assert')
const { isBuiltIn } = require('../../lib/core/builtin')
const { Client } = require('../..')

const symbols = [Symbol.for('undici.globalDispatcher.1'), Symbol.for('undici.globalDispatcher.2')]

test('the dispatchers that Node makes for its fetch are built in', () => {
  assert.ok(globalThis.Headers)
  const dispatchers = symbols.map((symbol) => globalThis[symbol]).filter((dispatcher) => dispatcher !== undefined)
  assert.ok(dispatchers.length > 0)
  assert.deepStrictEqual(dispatchers.filter((dispatcher) => !isBuiltIn(dispatcher)), [])
})

test('those of a package are not', () => {
  const { Agent } = require('undici6')
  assert.strictEqual(isBuiltIn(new Agent()), false)
  assert.strictEqual(isBuiltIn(new Client('http://localhost')), false)
})

test('neither is what only looks like one, and it hears of the question once', () => {
  let made = 0
  class Agent {
    constructor () {
      made++
    }

    dispatch () {}
  }
  assert.strictEqual(isBuiltIn(new Agent()), false)
  assert.strictEqual(isBuiltIn(new Agent()), false)
  assert.strictEqual(made, 3)
  assert.strictEqual(isBuiltIn({ dispatch () {} }), false)
  assert.strictEqual(isBuiltIn(Object.create(null)), false)
})

test('the question leaves no trace in how stacks are made', () => {
  const { prepareStackTrace, stackTraceLimit } = Error
  class Agent {}
  isBuiltIn(new Agent())
  assert.strictEqual(Error.prepareStackTrace, prepareStackTrace)
  assert.strictEqual(Error.stackTraceLimit, stackTraceLimit)
})
