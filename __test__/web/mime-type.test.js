'use strict'

// The MIME types do what undici's do, over tables of arguments.

const { test } = require('node:test')
const assert = require('node:assert')
const ours = require('../..')
const { outcome, undici } = require('./undici')

const essences = ['', '/', 'a', 'a/', '/b', 'a/b', ' a/b ', '\r\n\ta/b\n', 'A/B', 'a/b/c', 'a /b', 'a/ b', 'a/b c', 'ä/b', 'a`/b', 'a/`', '*/*', 'text/html', 'a\u000b/b', 'a/b\f']
const parameters = [
  '', ';', ';;', '; ', ';a', ';a=', ';=b', ';a=b', '; a=b', ';a=b;', ';A=B', ';a=b;a=c', ';a=b; c=d', ';a= b', ';a=b ', ';a =b', ';a="b"', ';a=""', ';a="', ';a="b',
  ';a="\\"', ';a="\\', ';a="\\\\"', ';a="b\\"c"', ';a="b"c;d=e', ';a="b;c";d=e', ';a=b c', ';a="b c"', ';a=ä', ';a=€', ';a="€"', ';a=\x7f', ';ä=b', ';charset="utf-8"; charset=x',
  ';a=b"c', ';a="b', ';\t\r\n a=b', ';a=b\t', ';__proto__=x', ';a=`'
]

test('every essence with every parameter', () => {
  for (const essence of essences) {
    for (const parameter of parameters) {
      const input = essence + parameter
      const expected = outcome(() => undici.parseMIMEType(input))
      assert.deepStrictEqual(outcome(() => ours.parseMIMEType(input)), expected, JSON.stringify(input))
      if (expected.value !== 'failure') {
        const { value } = expected
        assert.strictEqual(ours.serializeAMimeType(value), undici.serializeAMimeType(value), JSON.stringify(input))
      }
    }
  }
})

test('types that no input gives', () => {
  for (const parameters of [[['a', '']], [['a', 'b c']], [['a', '"\\']], [['a', '€']], [['', '']]]) {
    const type = { essence: 'a/b', parameters: new Map(parameters) }
    assert.strictEqual(ours.serializeAMimeType(type), undici.serializeAMimeType(type))
  }
  assert.throws(() => ours.serializeAMimeType('failure'), { name: 'AssertionError' })
})
