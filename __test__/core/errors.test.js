'use strict'

// The error classes against those of every undici.

const { test } = require('node:test')
const assert = require('node:assert')
const errors = require('../../lib/core/errors')

const packages = {
  5: require('undici5/lib/core/errors'),
  6: require('undici6/lib/core/errors'),
  7: require('undici7/lib/core/errors'),
  8: require('undici8/lib/core/errors')
}

// What the constructors are called with.
const details = { headers: { a: 'b' }, data: { count: 1 }, body: 'body' }
const signatures = {
  HTTPParserError: ['message', 'INVALID_VERSION', Buffer.from('data')],
  SocketError: ['message', { localPort: 1 }],
  ResponseStatusCodeError: ['message', 404, { a: 'b' }, 'body'],
  RequestRetryError: ['message', 503, details],
  ResponseError: ['message', 503, details],
  SecureProxyConnectionError: [new Error('cause'), 'message', {}],
  ProxyConnectionError: [new Error('cause'), 'message', {}],
  Socks5ProxyError: ['message', 'UND_ERR_SOCKS5_AUTH']
}
const empty = { RequestRetryError: [undefined, 0, {}], ResponseError: [undefined, 0, {}] }

const facts = (error) => {
  const { name, message, code, status, statusCode, headers, data, body, socket, cause } = error
  return { name, message, code, status, statusCode, headers, data, body, socket, cause: cause?.message }
}

for (const [version, theirs] of Object.entries(packages)) {
  test(`every error class of undici ${version} is here`, () => {
    assert.deepStrictEqual(Object.keys(theirs).filter((name) => typeof errors[name] !== 'function'), [])
  })

  for (const name of Object.keys(theirs)) {
    test(`${name} says what undici ${version} says`, () => {
      for (const given of [signatures[name] ?? ['message'], empty[name] ?? []]) {
        const ours = facts(new errors[name](...given))
        const reference = facts(new theirs[name](...given))
        if (name === 'ResponseError' && version === '6') {
          // What undici 6 called `data` was renamed to `body` in 7.
          reference.body = ours.body
          delete reference.data
          delete ours.data
        }
        assert.deepStrictEqual(ours, reference)
      }
      assert.strictEqual(errors[name].name, name)
    })
  }
}

for (const [name, Theirs] of Object.entries(packages[8])) {
  test(`${name} is copied and serialised as undici 8's`, () => {
    for (const given of [signatures[name] ?? ['message'], empty[name] ?? []]) {
      const [ours, reference] = [new errors[name](...given), new Theirs(...given)]
      assert.deepStrictEqual({ ...ours }, { ...reference })
      assert.strictEqual(JSON.stringify(ours), JSON.stringify(reference))
    }
  })
}

for (const version of [6, 7, 8]) {
  const theirs = packages[version]
  for (const name of Object.keys(theirs)) {
    if (name === 'Socks5ProxyError') {
      // Undici's has no brand of its own and takes every UndiciError for one.
      continue
    }
    test(`${name} and undici ${version}'s are instances of each other`, () => {
      const given = signatures[name] ?? ['message']
      assert.ok(new errors[name](...given) instanceof theirs[name])
      assert.ok(new theirs[name](...given) instanceof errors[name])
      assert.strictEqual(
        new errors[name](...given) instanceof theirs.UndiciError,
        new theirs[name](...given) instanceof theirs.UndiciError
      )
    })
  }
}

test('an error is no instance of a class that it does not belong to', () => {
  const error = new errors.SocketError('message')
  assert.ok(!(error instanceof errors.BodyTimeoutError))
  assert.ok(!(new Error('message') instanceof errors.UndiciError))
  assert.ok(!(null instanceof errors.UndiciError))
  assert.ok(!(undefined instanceof errors.UndiciError))
})

test('an aborted request is an AbortError of the web platform by name and of the package by brand', () => {
  const error = new errors.RequestAbortedError()
  assert.strictEqual(error.name, 'AbortError')
  assert.ok(error instanceof errors.AbortError)
  assert.ok(!(new errors.AbortError() instanceof errors.RequestAbortedError))
})

test('a SocketError may say what a caller needs for another attempt', () => {
  const details = { phase: 'head', reused: true, retryable: false }
  const { phase, reused, retryable } = new errors.SocketError('other side closed', null, details)
  assert.deepStrictEqual({ phase, reused, retryable }, details)
  assert.ok(!('phase' in new errors.SocketError('other side closed', null)))
})

test('the stack begins with the name of the class', () => {
  assert.match(new errors.SocketError('other side closed').stack, /^SocketError: other side closed\n/)
})
