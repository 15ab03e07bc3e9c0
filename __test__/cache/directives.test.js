'use strict'

// How the fields are read that a cache goes by: Cache-Control, Vary, dates, entity tags. What is malformed never lets more be
// kept.

const assert = require('node:assert')
const { describe, test } = require('node:test')
const { isBroken, parseCacheControl } = require('../../lib/cache/directives.js')
const { isEtagUsable } = require('../../lib/cache/policy.js')
const { hasAsterisk, isUnmatchable, varyingFields } = require('../../lib/cache/vary.js')
const { parseHttpDate } = require('../../lib/core/http-date.js')
const ours = require('../../lib/undici/util/cache.js')
const theirs = require('undici8/lib/util/cache.js')
const { parseHttpDate: theirDate } = require('undici8/lib/util/date.js')

describe('Cache-Control', () => {
  for (const [field, directives] of [
    ['', {}],
    ['max-age=60', { 'max-age': 60 }],
    ['Max-Age=60 ,PUBLIC', { public: true }],
    ['max-age="60"', { 'max-age': 60 }],
    ['max-age=\'60\'', {}],
    ['max-age =60', {}],
    ['max-age= 60', {}],
    ['max-age=\t60', {}],
    ['max-age=60 60', {}],
    ['max-age=6e1', {}],
    ['max-age=60, max-age=30, max-age=90', { 'max-age': 30 }],
    ['max-age=60, max-age=x, max-age=90', {}],
    ['min-fresh=60, min-fresh=90', { 'min-fresh': 90 }],
    ['max-age=99999999999999999999', { 'max-age': 2147483647 }],
    ['max-age=0060', { 'max-age': 60 }],
    ['max-stale', {}],
    ['public=1, public', {}],
    ['no-store=1', { 'no-store': true }],
    ['no-store;', { 'no-store': true }],
    ['"no-store"', { 'no-store': true }],
    ['no-store\u000b', { 'no-store': true }],
    ['\u00a0no-store', { 'no-store': true }],
    ['no-storex', {}],
    ['xno-store', {}],
    ['private', { private: true }],
    ['private=', { private: true }],
    ['private=""', { private: true }],
    ['private=a', { private: ['a'] }],
    ['private="a"', { private: ['a'] }],
    ['private="A , b"', { private: ['a', 'b'] }],
    ['private="a", private="b"', { private: ['a', 'b'] }],
    ['private="a", private', { private: true }],
    ['private, private="a"', { private: true }],
    ['private="a b"', { private: true }],
    ['private="a", max-age=60', { private: ['a'], 'max-age': 60 }],
    ['private="a, max-age=60', { private: true }],
    ['no-cache="a", no-store', { 'no-cache': ['a'], 'no-store': true }],
    ['x="a, no-store"', {}],
    ['x="a\\", no-store"', {}],
    ['x="a, no-store', { 'no-store': true }],
    ['x="a, max-age=60', {}],
    ['x="a, private="b', {}],
    ['x="a", y="b, private', { private: true }],
    ['__proto__=1, constructor', {}],
    [['max-age=60', 'no-store'], { 'max-age': 60, 'no-store': true }],
    [['x="a', 'no-store'], { 'no-store': true }]
  ]) {
    test(`${JSON.stringify(field)} says ${JSON.stringify(directives)}`, () => {
      assert.deepStrictEqual(parseCacheControl(field), directives)
    })
  }

  test('a number that is none is remembered as one', () => {
    assert.ok(isBroken(parseCacheControl('max-age=x'), 'max-age'))
    assert.ok(isBroken(parseCacheControl('max-age=60, max-age'), 'max-age'))
    assert.ok(!isBroken(parseCacheControl('max-age=60'), 'max-age'))
    assert.ok(!isBroken({}, 'max-age'))
  })
})

// The same numbers each time, so that a failure can be had again.
function * numbers (seed) {
  while (true) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    yield seed / 2 ** 32
  }
}

function texts (seed, pieces, length, count) {
  const random = numbers(seed)
  const next = (below) => Math.floor(random.next().value * below)
  return Array.from({ length: count }, () => Array.from({ length: 1 + next(length) }, () => pieces[next(pieces.length)]).join(''))
}

describe('random fields are read as by undici 8', () => {
  test('Cache-Control', () => {
    const pieces = [
      'max-age', 's-maxage', 'no-cache', 'private', 'no-store', 'public', 'immutable', 'min-fresh', 'stale-if-error', 'foo', '=', '=', '=', '"', '"', ',', ',', ',',
      ' ', '\t', '\\', '10', '0', '99999999999', '-1', 'a', 'x, y', 'MAX-AGE', 'No-Store', ';', '\u00a0', '\n', 'é', '__proto__', 'constructor'
    ]
    for (const text of texts(1, pieces, 12, 50_000)) {
      const [one, other] = [ours.parseCacheControlHeader(text), theirs.parseCacheControlHeader(text)]
      assert.deepStrictEqual(one, other, JSON.stringify(text))
      for (const name of ['max-age', 's-maxage']) {
        assert.strictEqual(ours.hasInvalidCacheControlDirective(one, name), theirs.hasInvalidCacheControlDirective(other, name), JSON.stringify(text))
      }
    }
  })

  test('Vary', () => {
    const headers = { a: '1', b: ['2', '3'] }
    for (const text of texts(2, ['a', 'B', 'c', ',', ',', ' ', '\t', '*', 'é', '__proto__x'], 6, 5_000)) {
      assert.deepStrictEqual(ours.parseVaryHeader(text, headers), theirs.parseVaryHeader(text, headers), JSON.stringify(text))
      assert.strictEqual(ours.isInvalidOrWildcardVaryHeader(text), theirs.isInvalidOrWildcardVaryHeader(text), JSON.stringify(text))
    }
  })

  test('entity tags, but for a quote alone behind W/', () => {
    for (const text of texts(3, ['"', '"', 'W/', 'a', 'b', ' '], 6, 5_000)) {
      assert.strictEqual(ours.isEtagUsable(text), text !== 'W/"' && theirs.isEtagUsable(text), JSON.stringify(text))
    }
  })
})

test('the functions under the path of undici are all there', () => {
  assert.deepStrictEqual(Object.keys(ours).sort(), Object.keys(theirs).sort())
})

for (const headers of [
  undefined, null, { A: '1', a: '2' }, ['a', 'b', 'A', 'c'], ['a', ['b', 'c']], [['a', 'b'], ['a', 'c']], new Map([['A', 'b']]), ['a'], [1, 2], [['a', 1]], 'x',
  { a: ['b'], A: 'c' }, ['__proto__', 'x', '__proto__', 'y'], { a: undefined }, [], new Set(['a']), ['a', [Buffer.from('x')]], ['constructor', 'b']
]) {
  test(`the fields ${JSON.stringify(headers)} are read as by undici 8`, () => {
    const outcome = (library) => {
      try {
        return library.normalizeHeaders({ headers })
      } catch ({ message }) {
        return message
      }
    }
    assert.deepStrictEqual(outcome(ours), outcome(theirs))
  })
}

test('the origin of a request is that which undici 8 takes', () => {
  for (const origin of ['http://a', 'http://a/', 'http://a:80', new URL('http://a'), null, undefined, 'localhost', '', 3]) {
    for (const own of [undefined, null, 'http://a', 'http://b']) {
      assert.deepStrictEqual(ours.getInterceptorOrigin({ origin }, own), theirs.getInterceptorOrigin({ origin }, own), `${origin} ${own}`)
    }
  }
})

test('keys are those of undici 8', () => {
  for (const options of [
    { origin: 'http://a', method: 'GET', path: '/' }, { origin: new URL('http://a'), path: '/a?b', query: { a: 1 } }, { origin: 'http://a', path: '/a', query: { a: 1 } }, { origin: 'http://a' }
  ]) {
    assert.deepStrictEqual(ours.makeCacheKey(options), theirs.makeCacheKey(options))
  }
  assert.throws(() => ours.makeCacheKey({}), { message: 'opts.origin is undefined' })
  const key = { origin: 'o', method: 'GET', path: '/', headers: { b: '1', a: ['2'] } }
  for (const excluded of [undefined, new Set(['a'])]) {
    assert.strictEqual(ours.makeDeduplicationKey(key, excluded), theirs.makeDeduplicationKey(key, excluded))
  }
})

describe('Vary', () => {
  test('takes the fields of the request, and null for those it has not', () => {
    assert.deepStrictEqual(varyingFields('A, b,,C', { a: '1', b: ['2'], d: '3' }), { a: '1', b: ['2'], c: null })
    assert.deepStrictEqual(varyingFields(['a', 'constructor'], {}), { a: null, constructor: null })
  })

  test('has an asterisk wherever that is', () => {
    for (const vary of ['*', 'a, *', ['a', ' * '], 'a*']) assert.ok(hasAsterisk(vary) && isUnmatchable(vary))
    for (const vary of ['a', 'a, b', '']) assert.ok(!hasAsterisk(vary) && !isUnmatchable(vary))
  })
})

describe('dates', () => {
  const time = Date.UTC(1994, 10, 6, 8, 49, 37)
  for (const [text, expected] of [
    ['Sun, 06 Nov 1994 08:49:37 GMT', time], ['Sunday, 06-Nov-94 08:49:37 GMT', time], ['Sun Nov  6 08:49:37 1994', time],
    ['Thu, 29 Feb 2024 00:00:00 GMT', Date.UTC(2024, 1, 29)], ['Sunday, 06-Nov-50 08:49:37 GMT', Date.UTC(2050, 10, 6, 8, 49, 37)],
    ['Mon, 06 Nov 1994 08:49:37 GMT'], ['Sun, 06 Nov 1994 08:49:37'], ['Sun, 06 Nov 1994 24:00:00 GMT'], ['Sun, 06 Nov 1994 08:60:37 GMT'], ['Sun, 6 Nov 1994 08:49:37 GMT'],
    ['sun, 06 nov 1994 08:49:37 gmt'], ['Thu, 29 Feb 2023 00:00:00 GMT'], ['Sun Nov  6 08.49.37 1994'], ['1994-11-06'], ['0'], ['']
  ]) {
    test(`${JSON.stringify(text)} is ${expected === undefined ? 'none' : 'one'}`, () => {
      assert.strictEqual(parseHttpDate(text)?.getTime(), expected)
    })
  }

  test('that are random are read as by undici 8, but for signs in the time of asctime', () => {
    const random = numbers(4)
    const next = (below) => Math.floor(random.next().value * below)
    const known = ['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994', 'Fri, 31 Dec 0099 00:00:00 GMT']
    for (let count = 0; count < 20_000; count++) {
      const text = known[next(known.length)].split('')
      text[next(text.length)] = '0123456789 ,:-GMTadeJn6'[next(23)]
      const date = text.join('')
      const other = /^... ... .. ..:..:.. /.test(date) || date[3] === ',' || !/^.{3} /.test(date) ? theirDate(date)?.getTime() : undefined
      assert.strictEqual(parseHttpDate(date)?.getTime(), other, date)
    }
  })
})

test('an entity tag tells something unless it is empty or none', () => {
  assert.deepStrictEqual(['"a"', 'W/"a"', '""', 'W/""', 'a', '"a', 'w/"a"', '""a"', '"W/"a""', ''].filter(isEtagUsable), ['"a"', 'W/"a"'])
})
