'use strict'

// WebSocketError against undici's.

const { test } = require('node:test')
const assert = require('node:assert')
const dodici = require('../..')
const undici = require('undici7')

const { WebSocketError } = dodici
const facts = (error) => [error.name, error.message, error.code, error.closeCode, error.reason, Object.prototype.toString.call(error)]

test('a WebSocketError has what undici\'s has', () => {
  for (const values of [
    [], ['m'], [undefined], [5], ['m', undefined], ['m', {}], ['m', { closeCode: 1000 }], ['m', { closeCode: 4999, reason: 'r' }],
    ['m', { reason: 'r' }], ['m', { closeCode: '3000.5', reason: 5 }], ['m', { reason: 'x'.repeat(123) }]
  ]) {
    assert.deepStrictEqual(facts(new WebSocketError(...values)), facts(new undici.WebSocketError(...values)), JSON.stringify(values))
  }
})

test('what may not be sent is refused as undici refuses it', () => {
  for (const init of [{ closeCode: 0 }, { closeCode: 1001 }, { closeCode: 2999 }, { closeCode: 5000 }, { closeCode: 1000, reason: 'ä'.repeat(62) }, 5, { reason: Symbol('a') }]) {
    let theirs
    try {
      theirs = new undici.WebSocketError('m', init)
    } catch (error) {
      theirs = error
    }
    assert.throws(() => new WebSocketError('m', init), theirs instanceof TypeError ? TypeError : { name: theirs.name, message: theirs.message })
  }
})

// undici takes 70000 for 4464.
test('a code that is no code at all is a TypeError', () => {
  for (const closeCode of [-1, 65536, NaN]) {
    assert.throws(() => new WebSocketError('m', { closeCode }), TypeError)
  }
})

test('a WebSocketError is a DOMException, and may be extended', () => {
  class Extension extends WebSocketError {}
  const error = new Extension('m', { reason: 'r' })
  assert.ok(error instanceof Extension && error instanceof WebSocketError && error instanceof DOMException && error instanceof Error)
  assert.deepStrictEqual([error.message, error.closeCode, error.reason], ['m', 1000, 'r'])
})
