'use strict'

// The policy against that of http-cache-semantics: some thousand heads, each at several ages. Where the two differ, an
// allowance names the reason, and each allowance is needed by some head.

const assert = require('node:assert')
const { test } = require('node:test')
const Oracle = require('http-cache-semantics')
const { judge } = require('../../lib/cache/policy.js')
const { judgeReuse } = require('../../lib/cache/reuse.js')

const NOW = Date.UTC(2026, 0, 1)
const date = (seconds) => new Date(NOW + seconds * 1000).toUTCString()

const DIRECTIVES = [
  undefined, 'max-age=60', 'max-age=0', 'max-age=60, public', 'max-age=60, private', 'max-age=60, no-store', 'max-age=60, no-cache', 'max-age=60, must-revalidate',
  'max-age=60, proxy-revalidate', 's-maxage=60', 's-maxage=0, max-age=60', 's-maxage=60, max-age=0', 'public', 'private', 'no-store', 'no-cache', 'must-revalidate', 'immutable',
  'max-age=60, immutable', 'max-age=60, stale-while-revalidate=60', 'max-age=60, stale-if-error=60', 'max-age="60"', 'max-age=1.5', 'max-age=-1', 'max-age=x', 'max-age', 'max-age=',
  'MAX-AGE=60', 'max-age=60,s-maxage=10', 'max-age =60', 'max-age= 60', ' max-age=60', 'max-age=60 ', 'max-age=60, max-age=10', 'max-age=10, max-age=60', 'max-age=60; no-store',
  'no-store; max-age=60', 'max-age=60, "no-store"', 'max-age=60, private="x-a"', 'max-age=60, no-cache="x-a"', 'max-age=60, x="no-store"', 'max-age=60, x="a, no-store"', 'foo, max-age=60', ',,max-age=60,'
]
const FIELDS = {
  nothing: {},
  'an entity tag': { etag: '"a"' },
  expires: { expires: date(60) },
  'expires in the past': { expires: date(-60) },
  'expires that is none': { expires: '0' },
  'last-modified': { 'last-modified': date(-600) },
  'an age': { age: '30' },
  'a date': { date: date(-30) },
  'an age that is none': { age: 'x' },
  vary: { vary: 'accept' },
  'vary as an asterisk': { vary: '*' },
  'a cookie': { 'set-cookie': 'a=b' }
}
const STATUSES = [200, 204, 206, 302, 404, 500]
const REQUESTS = { nothing: {}, authorization: { authorization: 'me' } }
const AGES = [0, 5, 20, 45, 59, 61, 200]

const is = (...values) => ({ directives }) => values.includes(directives)
const has = (text) => ({ directives }) => directives?.includes(text)

// What is served here and not there: none of these may be a response that the RFC keeps to itself.
const MORE = [
  ['MUST-REVALIDATE: it is about stale responses, section 5.2.2.2', has('-revalidate')],
  ['CASE: directives have none, section 5.2', is('MAX-AGE=60')],
  ['NAMES: the fields are left out, and the rest may be served, sections 5.2.2.4 and 5.2.2.7', is('max-age=60, private="x-a"', 'max-age=60, no-cache="x-a"')],
  ['STATUS: with words of its own any final status may be kept, section 3', ({ statusCode }) => statusCode === 500],
  ['PRIVATE: it is a word of its own in a private cache, section 3', ({ directives, type }) => directives === 'private' && type === 'private']
]

// What is served there and not here.
const LESS = [
  ['NUMBERS: one that is none is no freshness, section 4.2.1', is('max-age=1.5', 'max-age=', 'max-age =60', 'max-age= 60', 'max-age=60 ')],
  ['TWICE: the shorter one counts, section 4.2.1', is('max-age=10, max-age=60')],
  ['MEANT: what may be meant as no-store is', is('max-age=60; no-store', 'max-age=60, "no-store"', 'no-store; max-age=60')],
  ['DATE: the time on the way counts, section 4.2.3', ({ fields }) => fields === 'a date'],
  ['AGE: one that is none is not known', ({ fields }) => fields === 'an age that is none'],
  ['COOKIE: a shared cache keeps none', ({ fields, type }) => fields === 'a cookie' && type === 'shared'],
  ['IMMUTABLE: it makes nothing fresh for longer, RFC 8246 section 2', has('immutable')],
  ['CREDENTIALS: they want leave in a private cache too, as in undici', ({ asked, type }) => asked === 'authorization' && type === 'private']
]

function * heads () {
  for (const type of ['shared', 'private']) {
    for (const asked of Object.keys(REQUESTS)) {
      for (const fields of Object.keys(FIELDS)) {
        for (const statusCode of STATUSES) {
          for (const directives of DIRECTIVES) {
            const own = directives === undefined ? {} : { 'cache-control': directives }
            yield { type, asked, fields, statusCode, directives, request: REQUESTS[asked], headers: { ...own, ...FIELDS[fields] } }
          }
        }
      }
    }
  }
}

/** The ages at which a response is served without a question. */
function servedHere ({ type, request, statusCode, headers }) {
  const { value } = judge({ type }, { method: 'GET', headers: request }, { statusCode, statusMessage: '', headers }, [], NOW)
  return AGES.filter((age) => value !== null && judgeReuse(type, value, {}, request, NOW + age * 1000).answers === 'now')
}

function servedThere ({ type, request, statusCode, headers }, clock) {
  const asked = { url: '/', method: 'GET', headers: request }
  clock.setTime(NOW)
  const policy = new Oracle(asked, { status: statusCode, headers }, { shared: type === 'shared' })
  return AGES.filter((age) => {
    clock.setTime(NOW + age * 1000)
    return policy.storable() && policy.satisfiesWithoutRevalidation(asked)
  })
}

for (const [what, allowances, without] of [
  ['nothing is served that the oracle does not serve', MORE, ([here, there]) => here.filter((age) => !there.includes(age))],
  ['what the oracle serves is served', LESS, ([here, there]) => there.filter((age) => !here.includes(age))]
]) {
  test(`${what}, but by an allowance, of which each is needed`, (context) => {
    context.mock.timers.enable({ apis: ['Date'], now: NOW })
    const needed = new Set()
    const surprises = []
    let count = 0
    for (const head of heads()) {
      count++
      const ages = without([servedHere(head), servedThere(head, context.mock.timers)])
      if (ages.length > 0) {
        const allowance = allowances.find(([, covers]) => covers(head))
        if (allowance === undefined) surprises.push({ ...head, ages })
        else needed.add(allowance)
      }
    }
    assert.strictEqual(count, 2 * 2 * 12 * 6 * DIRECTIVES.length)
    assert.deepStrictEqual(surprises, [])
    assert.deepStrictEqual(allowances.filter((one) => !needed.has(one)), [])
  })
}
