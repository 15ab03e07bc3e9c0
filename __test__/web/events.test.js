'use strict'

// CloseEvent and ErrorEvent for a Node.js that has no name for them, against undici's.

const { test } = require('node:test')
const assert = require('node:assert')
const ours = require('../../lib/web/events')
const theirs = require('undici7/lib/web/websocket/events')

const members = {
  CloseEvent: ['wasClean', 'code', 'reason'],
  ErrorEvent: ['message', 'filename', 'lineno', 'colno', 'error']
}

const inits = {
  CloseEvent: [
    undefined, null, {}, { wasClean: 1, code: 1000, reason: 'done' }, { code: 65537 }, { code: '7.9' }, { reason: 5 },
    { reason: 'a\ud800' }, { bubbles: true, cancelable: true, composed: true }
  ],
  ErrorEvent: [
    undefined, {}, { message: 'm', filename: 'f', lineno: 1, colno: 2, error: new Error('e') }, { lineno: 4294967297 },
    { message: 5, error: null }, { cancelable: true }
  ]
}

for (const [name, names] of Object.entries(members)) {
  const facts = (event) => [
    event.type, event.bubbles, event.cancelable, event.composed, Object.prototype.toString.call(event), ...names.map((member) => event[member])
  ]

  test(`${name} has what undici's has`, () => {
    for (const init of inits[name]) {
      assert.deepStrictEqual(facts(new ours[name]('a', init)), facts(new theirs[name]('a', init)), JSON.stringify(init))
    }
  })

  test(`${name} is not made of what is none of its arguments`, () => {
    for (const values of [[], [Symbol('a')], ['a', 5], ['a', { [names.at(1)]: Symbol('a') }]]) {
      assert.throws(() => new theirs[name](...values), TypeError)
      assert.throws(() => new ours[name](...values), TypeError)
    }
  })

  test(`${name} is dispatched, and shows its members`, () => {
    const target = new EventTarget()
    const event = new ours[name]('a')
    let heard = null
    target.addEventListener('a', (one) => { heard = one })
    target.dispatchEvent(event)
    assert.strictEqual(heard, event)
    assert.ok(event instanceof ours[name] && new theirs[name]('a') instanceof ours[name] && !(new Event('a') instanceof ours[name]))
    assert.ok(names.every((member) => Object.getOwnPropertyDescriptor(ours[name].prototype, member).enumerable))
    assert.throws(() => ours[name].prototype[names[0]], TypeError)
  })
}

// undici takes them as they are; Web IDL has them modulo the range.
test('a number below its range is one of it', () => {
  assert.strictEqual(new ours.CloseEvent('a', { code: -1 }).code, 65535)
  assert.strictEqual(new ours.ErrorEvent('a', { colno: -1 }).colno, 4294967295)
})
