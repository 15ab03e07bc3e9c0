'use strict'

// Field sections in their forms, against undici's parsing.

const { test } = require('node:test')
const assert = require('node:assert')
const headers = require('../../lib/core/headers')
const reference = require('undici8/lib/core/util')

const buffers = (list) => list.map((one) => Buffer.from(one, 'latin1'))

const lists = {
  'names are lower-cased': ['Content-Type', 'text/plain', 'X-UNKNOWN-Name', 'a'],
  'a repeated name makes an array': ['a', '1', 'A', '2', 'b', '3', 'a', '4'],
  'values are latin1': ['a', '\xe9\xff'],
  'an empty value stays': ['a', '', 'a', ''],
  'names of Object.prototype are names': ['constructor', '1', 'toString', '2', 'tostring', '3', 'hasOwnProperty', '4'],
  '__proto__ is a name': ['__proto__', 'a', 'b', 'c'],
  'nothing at all': []
}

for (const [name, list] of Object.entries(lists)) {
  test(`parseHeaders: ${name}`, () => {
    const expected = reference.parseHeaders(buffers(list))
    for (const given of [list, buffers(list)]) {
      const parsed = headers.parseHeaders(given)
      assert.deepStrictEqual(parsed, expected)
      assert.deepStrictEqual(Object.entries(parsed), Object.entries(expected))
      assert.strictEqual(Object.getPrototypeOf(parsed), Object.prototype)
    }
  })

  test(`parseRawHeaders: ${name}`, () => {
    assert.deepStrictEqual(headers.parseRawHeaders(buffers(list)), reference.parseRawHeaders(buffers(list)))
    assert.deepStrictEqual(headers.parseRawHeaders(list), list)
  })
}

test('a repeated __proto__ is an array, not a prototype', () => {
  const parsed = headers.parseHeaders(['__proto__', 'a', '__proto__', 'b'])
  assert.strictEqual(Object.getPrototypeOf(parsed), Object.prototype)
  assert.deepStrictEqual(Object.getOwnPropertyDescriptor(parsed, '__proto__').value, ['a', 'b'])
})

test('parseHeaders adds to an object', () => {
  assert.deepStrictEqual(headers.parseHeaders(['a', '2'], { a: '1' }), { a: ['1', '2'] })
})

test('an array as a value counts as that many fields', () => {
  const list = [Buffer.from('a'), buffers(['1', '2']), Buffer.from('a'), buffers(['3', '4'])]
  assert.deepStrictEqual(headers.parseHeaders(list), { a: ['1', '2', '3', '4'] })
})

test('parseRawHeaders makes a list of an object', () => {
  assert.deepStrictEqual(headers.parseRawHeaders({ a: '1', b: ['2', '3'] }), ['a', '1', 'b', '2', 'b', '3'])
  assert.deepStrictEqual(headers.parseRawHeaders(null), [])
})

test('toRawHeaders makes Buffers of a list or an object', () => {
  const expected = reference.toRawHeaders({ a: '\xe9', b: ['2', '3'] })
  assert.deepStrictEqual(headers.toRawHeaders({ a: '\xe9', b: ['2', '3'] }), expected)
  assert.deepStrictEqual(headers.toRawHeaders(['a', '\xe9', 'b', '2', 'b', '3']), expected)
})

test('names and values are valid for the characters that undici allows', () => {
  for (let code = 0; code < 0x180; code++) {
    const character = String.fromCharCode(code)
    assert.strictEqual(headers.isToken(character), reference.isValidHTTPToken(character), `name ${code}`)
    assert.strictEqual(headers.isFieldValue(character), reference.isValidHeaderValue(character), `value ${code}`)
  }
  assert.ok(!headers.isToken(''))
  assert.ok(headers.isFieldValue(''))
  assert.ok(!headers.isToken('a\n'))
})
