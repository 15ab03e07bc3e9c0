'use strict'

// `util` does what undici's does, over tables of arguments.

const { test } = require('node:test')
const assert = require('node:assert')
const { inspect } = require('node:util')
const { util } = require('../..')
const { outcome, undici } = require('../web/undici')

const octets = (...texts) => texts.map((text) => Buffer.from(text, 'latin1'))

const lists = [
  [], ['A', 'b'], octets('A', 'b'), ['A', Buffer.from('b')], octets('A', 'b', 'a', 'c', 'a', 'd'), ['a', 'b', 'A', 'c'], ['a', ['b', 'c']],
  [Buffer.from('a'), octets('b', 'c')], octets('Content-Type', 'x', 'CONTENT-TYPE', 'y'), octets('x-\xe9', '\xe9'), ['__proto__', 'a'],
  ['__proto__', 'a', '__proto__', 'b'], ['constructor', 'a'], ['toString', 'a', 'tostring', 'b'], ['a', ''], ['', 'a'], ['Set-Cookie', 'a', 'set-cookie', 'b'],
  ['a'], null, undefined, 5
]

for (const method of ['parseHeaders', 'headerNameToString']) {
  test(method, () => {
    const inputs = method === 'parseHeaders' ? lists : ['A', 'content-type', 'CONTENT-TYPE', 'X-\u00c9', '', Buffer.from('X-A'), Buffer.from('\xc9', 'latin1'), null, undefined]
    for (const input of inputs) {
      assert.deepStrictEqual(outcome(() => util[method](input)), outcome(() => undici[method](input)), inspect(input))
    }
  })
}

test('parseHeaders adds to an object that it is given', () => {
  const given = () => ({ a: '1', b: ['2'] })
  const list = octets('A', '3', 'b', '4', 'c', '5')
  assert.deepStrictEqual(util.parseHeaders(list, given()), undici.parseHeaders(list, given()))
})

test('nothing else is exported', () => {
  assert.deepStrictEqual(Object.keys(util), ['parseHeaders', 'headerNameToString'])
})
