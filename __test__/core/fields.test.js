'use strict'

const { test } = require('node:test')
const assert = require('node:assert/strict')
const { Fields, noFields } = require('../../lib/core/fields')

const LINES = ['Content-Type', 'text/plain', 'X-A', '1', 'x-a', '2']

test('a section is an object with lower-cased names, or Buffers as they came', () => {
  const fields = new Fields(LINES)
  assert.deepEqual(fields.toObject(), { 'content-type': 'text/plain', 'x-a': ['1', '2'] })
  assert.deepEqual(fields.toBuffers().map(String), LINES)
  assert.deepEqual(noFields.toObject(), {})
  assert.deepEqual(noFields.toBuffers(), [])
})

test('a section that comes again gives each reader an object of its own', () => {
  for (const lines of [LINES, LINES.slice(0, 4), ['__proto__', 'a']]) {
    const fields = new Fields(lines)
    const wanted = fields.toObject()
    for (let time = 0; time < 3; time++) {
      const own = fields.again().toObject()
      assert.deepEqual(own, wanted)
      assert.equal(Object.getPrototypeOf(own), Object.prototype)
      assert.deepEqual(Object.keys(own), Object.keys(wanted))
      for (const name of Object.keys(own)) {
        if (Array.isArray(own[name])) {
          own[name].push('theirs')
        } else {
          own[name] = 'theirs'
        }
      }
      own.more = 'theirs'
    }
  }
})
