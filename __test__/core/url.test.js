'use strict'

// Origins, targets and queries, against undici's.

const { test } = require('node:test')
const assert = require('node:assert')
const url = require('../../lib/core/url')
const reference = require('undici8/lib/core/util')

function outcome (call) {
  try {
    const value = call()
    return value instanceof URL ? value.href : value
  } catch ({ name, message, code }) {
    return { name, message, code }
  }
}

const urls = [
  'http://localhost:1', 'https://a.b/c?d#e', 'ftp://a', 'nonsense', '', null, undefined, 1,
  new URL('http://a/b'), new URL('ws://a'), {}, { protocol: 'http:', hostname: 'a' },
  { protocol: 'https:', hostname: 'a' }, { protocol: 'http:', hostname: 'a', port: 81, path: 'b' },
  { origin: 'http://a/', path: '/b?c' }, { origin: 'http://a', pathname: '/b', search: '?c' },
  { origin: 'http://a', path: 'http://b/c' }, { protocol: 'http:', hostname: 'a', port: 'x' },
  { protocol: 'http:', hostname: 'a', port: 65536 }, { protocol: 'http:', hostname: 'a', port: '' },
  { protocol: 'http:', hostname: 1 }, { origin: 1 }, { origin: 'http://a', path: 1 },
  { origin: 'http://a', pathname: 1 }, { protocol: 'gopher:', hostname: 'a' }
]

for (const given of urls) {
  test(`parseURL and parseOrigin of ${given instanceof URL ? given.href : JSON.stringify(given)}`, () => {
    assert.deepStrictEqual(outcome(() => url.parseURL(given)), outcome(() => reference.parseURL(given)))
    assert.deepStrictEqual(outcome(() => url.parseOrigin(given)), outcome(() => reference.parseOrigin(given)))
  })
}

const queries = [
  ['/', { a: 1, b: 'c d', e: true }], ['/', { a: ['1', '2'], 'ü&=': '/?' }], ['/', {}], ['/?a', { b: 1 }],
  ['/#a', { b: 1 }], ['/', { a: null, b: undefined, c: {} }], ['/', { a: [] }]
]

for (const [path, query] of queries) {
  test(`serializePathWithQuery of ${path} and ${JSON.stringify(query)}`, () => {
    assert.deepStrictEqual(
      outcome(() => url.serializePathWithQuery(path, query)),
      outcome(() => reference.serializePathWithQuery(path, query))
    )
  })
}

for (const host of ['', null, 'a', 'a:1', '127.0.0.1', '127.0.0.1:80', '[::1]', '[::1]:80', 'a.b.c:443']) {
  test(`serverNameOf ${JSON.stringify(host)}`, () => {
    assert.strictEqual(url.serverNameOf(host), reference.getServerName(host))
  })
}
