'use strict'

// The fields of a request as a key has them, in each form that its user may give them in, beside undici's.

const assert = require('node:assert')
const { test } = require('node:test')
const { normalizeHeaders } = require('undici7/lib/util/cache')
const { fieldsOf } = require('../../lib/cache/key')

const outcome = (make, headers) => {
  try {
    return { ...make({ headers: headers() }) }
  } catch (error) {
    return error.message
  }
}

const forms = {
  none: () => undefined,
  null: () => null,
  'an object': () => ({ A: '1', b: ['2', '3'] }),
  'a Map': () => new Map([['A', '1'], ['a', '2']]),
  Headers: () => new Headers({ A: '1' }),
  'a generator': () => (function * () { yield ['A', '1'] })(),
  'a list of pairs': () => [['A', '1'], ['b', '2']],
  'a flat list': () => ['A', '1', 'a', '2'],
  'a flat list with several values': () => ['A', ['1', Buffer.from('é', 'latin1')]],
  'an empty list': () => []
}
const refused = {
  text: () => 'a: 1',
  'a flat list that is not even': () => ['a'],
  'a list of pairs with a number': () => [['a', 1]],
  'a list of pairs with several values': () => [['a', ['1', '2']]],
  'a list of pairs with something else': () => [['a', '1'], 'b'],
  'a Map with a name that is no text': () => new Map([[1, '1']]),
  'an iterable of texts': () => new Set(['ab'])
}

for (const [name, headers] of Object.entries(forms)) {
  test(`${name}: as undici has them`, () => {
    assert.deepStrictEqual(outcome(fieldsOf, headers), outcome(normalizeHeaders, headers))
  })
}

for (const [name, headers] of Object.entries(refused)) {
  test(`${name}: refused`, () => {
    assert.match(outcome(fieldsOf, headers), /^opts\.headers is not (an object|a valid header map)$/)
  })
}
