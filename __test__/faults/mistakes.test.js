'use strict'

// What a caller does wrong: an InvalidArgumentError in undici's words, and not one octet on the wire. What a caller hands
// over is read once, so that what was checked is what is written.

const { test } = require('node:test')
const assert = require('node:assert')
const { Readable } = require('node:stream')
const { library, listener, meet, outcome } = require('./server.js')

const patience = { timeout: 20e3 }
const good = { path: '/', method: 'GET' }

// What ends a line for somebody: octets, and characters whose low octet is one of them.
const poisons = { CR: '\r', LF: '\n', CRLF: '\r\n', NUL: '\0', 'U+010A': '\u010a', 'U+010D': '\u010d', 'U+560A': '\u560a', 'U+560D': '\u560d', DEL: '\x7f' }

// Where it may stand: options, what is said.
const places = {
  'a path': [(poison) => ({ path: `/a${poison}b` }), 'invalid request path'],
  'the end of a path': [(poison) => ({ path: `/${poison}` }), 'invalid request path'],
  'an absolute path': [(poison) => ({ path: `http://a${poison}b/` }), 'invalid request path'],
  'a method': [(poison) => ({ method: `G${poison}ET` }), 'invalid request method'],
  'a field name': [(poison) => ({ headers: { [`a${poison}b`]: 'c' } }), 'invalid header key'],
  'a field name in a list': [(poison) => ({ headers: [`a${poison}b`, 'c'] }), 'invalid header key'],
  'a field name in pairs': [(poison) => ({ headers: new Map([[`a${poison}b`, 'c']]) }), 'invalid header key'],
  'a field value': [(poison) => ({ headers: { a: `b${poison}c` } }), 'invalid a header'],
  'a field value in a list': [(poison) => ({ headers: ['a', `b${poison}c`] }), 'invalid a header'],
  'one of several values': [(poison) => ({ headers: { a: ['b', `b${poison}c`] } }), 'invalid a header'],
  'a value in pairs': [(poison) => ({ headers: new Map([['a', `b${poison}c`]]) }), 'invalid a header'],
  'a host': [(poison) => ({ headers: { host: `a${poison}b` } }), 'invalid host header'],
  'a content-type': [(poison) => ({ method: 'POST', body: 'x', headers: { 'content-type': `a${poison}b` } }), 'invalid content-type header'],
  'an upgrade': [(poison) => ({ upgrade: `a${poison}b` }), 'invalid upgrade header'],
  'a content-length': [(poison) => ({ method: 'POST', body: 'x', headers: { 'content-length': `1${poison}` } }), /^invalid content-length header$/],
  'a connection': [(poison) => ({ headers: { connection: `close${poison}` } }), /^invalid connection header$/]
}

/** The error of a request; asserts that it never reached a connection. */
async function refused (t, options, send = (client) => client.request({ ...good, ...options })) {
  const { server, client } = await meet(t)
  const error = await Promise.resolve().then(() => send(client)).then(() => null, (error) => error)
  assert.strictEqual(await outcome(client.request(good)), '200 fine')
  assert.strictEqual(server.peers.length, 1)
  assert.match(server.peers[0].received, /^GET \/ HTTP\/1\.1\r\nhost: [^]*\r\n\r\n$/)
  assert.strictEqual(server.peers[0].requests, 1)
  return error
}

for (const [place, [options, message]] of Object.entries(places)) {
  test(`${place} with what ends a line is refused`, patience, async (t) => {
    for (const [name, poison] of Object.entries(poisons)) {
      // undici lets it pass in a target.
      if (name === 'DEL' && /path/.test(place)) continue
      const error = await refused(t, options(poison))
      assert.ok(error, `${name} was taken`)
      assert.strictEqual(`${error.name} ${error.code}`, 'InvalidArgumentError UND_ERR_INVALID_ARG', name)
      if (message instanceof RegExp) assert.match(error.message, message)
      else assert.strictEqual(error.message, message, name)
    }
  })
}

test('what ends a line in the type of a blob is refused', patience, async (t) => {
  for (const poison of Object.values(poisons)) {
    const blob = { [Symbol.toStringTag]: 'Blob', type: `a${poison}b`, size: 1, stream: () => new Blob(['x']).stream() }
    const error = await refused(t, { method: 'POST', body: blob })
    assert.strictEqual(error?.message, 'invalid content-type header')
  }
})

test('what ends a line in a query is encoded', patience, async (t) => {
  const { server, client } = await meet(t)
  for (const poison of Object.values(poisons)) {
    assert.strictEqual(await outcome(client.request({ ...good, query: { [`a${poison}`]: `b${poison}` } })), '200 fine')
  }
  for (const line of server.peers[0].received.split('\r\n').filter((line) => line.startsWith('GET'))) {
    assert.match(line, /^GET \/\?[\x21-\x7e]+ HTTP\/1\.1$/)
  }
})

test('what ends a line in the target of connect() and the protocol of upgrade() is refused', patience, async (t) => {
  for (const poison of Object.values(poisons)) {
    if (poison !== '\x7f') {
      const error = await refused(t, null, (client) => client.connect({ path: `a${poison}:1` }))
      assert.strictEqual(`${error.code}: ${error.message}`, 'UND_ERR_INVALID_ARG: invalid request path')
    }
    const error = await refused(t, null, (client) => client.upgrade({ path: '/', protocol: `a${poison}b` }))
    assert.strictEqual(`${error.code}: ${error.message}`, 'UND_ERR_INVALID_ARG: invalid upgrade header')
  }
})

test('what ends a line in a form is escaped', patience, async (t) => {
  const { server, client } = await meet(t)
  const form = new FormData()
  form.append('a\r\nx: y', 'b')
  form.append('c', new Blob(['d']), 'e"\r\nx: y')
  assert.strictEqual(await outcome(client.request({ path: '/', method: 'POST', body: form })), '200 fine')
  assert.ok(!/^x: y/m.test(server.peers[0].received))
})

// --- framing is ours

const rows = [
  ['transfer-encoding', { headers: { 'transfer-encoding': 'chunked' } }, 'invalid transfer-encoding header'],
  ['Transfer-Encoding in a list', { headers: ['Transfer-Encoding', 'chunked'] }, 'invalid transfer-encoding header'],
  ['keep-alive', { headers: { 'keep-alive': 'timeout=5' } }, 'invalid keep-alive header'],
  ['upgrade as a field', { headers: { upgrade: 'h2c' } }, 'invalid upgrade header'],
  ['a second host', { headers: ['host', 'a', 'Host', 'b'] }, 'duplicate host header'],
  ['a second content-length', { method: 'POST', body: 'x', headers: ['content-length', '1', 'Content-Length', '1'] }, 'duplicate content-length header'],
  ['a content-length with a sign', { method: 'POST', body: 'x', headers: { 'content-length': '+1' } }, 'invalid content-length header'],
  ['a content-length below zero', { method: 'POST', body: 'x', headers: { 'content-length': '-1' } }, 'invalid content-length header'],
  ['an empty content-length', { method: 'POST', body: 'x', headers: { 'content-length': '' } }, 'invalid content-length header'],
  ['a list as content-length', { method: 'POST', body: 'x', headers: { 'content-length': '1, 1' } }, 'invalid content-length header'],
  ['an array as content-length', { method: 'POST', body: 'x', headers: { 'content-length': ['1', '1'] } }, 'invalid content-length header'],
  ['a content-length above 2^53', { method: 'POST', body: 'x', headers: { 'content-length': '99999999999999999999' } }, 'invalid content-length header'],
  ['an object as value', { headers: { a: {} } }, 'invalid a header'],
  ['an object among values', { headers: { a: [{}] } }, 'invalid a header'],
  ['a list of odd length', { headers: ['a'] }, 'headers array must be even'],
  ['pairs that are none', { headers: new Set(['a']) }, 'headers must be in key-value pair format'],
  ['headers that are none', { headers: 'a: b' }, 'headers must be an object or an array'],
  ['a path that is none', { path: 'a' }, 'path must be an absolute URL or start with a slash'],
  ['an empty path', { path: '' }, 'path must be an absolute URL or start with a slash'],
  ['a path with a space', { path: '/a b' }, 'invalid request path'],
  ['a method with a space', { method: 'GET /' }, 'invalid request method'],
  ['an empty method', { method: '' }, 'invalid request method'],
  ['a body that is none', { method: 'POST', body: 5 }, 'body must be a string, a Buffer, a Readable stream, an iterable, or an async iterable'],
  ['a headersTimeout that is none', { headersTimeout: '1' }, 'invalid headersTimeout'],
  ['a bodyTimeout below zero', { bodyTimeout: -1 }, 'invalid bodyTimeout'],
  ['a timeout that is none', { timeout: '1' }, 'invalid timeout'],
  ['an endless timeout', { timeout: Infinity }, 'invalid timeout'],
  ['a reset that is none', { reset: 1 }, 'invalid reset'],
  ['a signal that is none', { signal: {} }, 'signal must be an EventEmitter or EventTarget'],
  ['CONNECT by request()', { method: 'CONNECT' }, 'invalid method']
]

for (const [sentence, options, message] of rows) {
  test(`${sentence} is refused`, patience, async (t) => {
    const error = await refused(t, options)
    assert.strictEqual(`${error?.name} ${error?.code}: ${error?.message}`, `InvalidArgumentError UND_ERR_INVALID_ARG: ${message}`)
  })
}

test('a stream whose request is refused is destroyed', patience, async (t) => {
  for (const options of [{ signal: {} }, { onInfo: 1 }, { highWaterMark: -1 }]) {
    const body = new Readable({ read () {} })
    const error = await refused(t, { method: 'POST', body, ...options })
    assert.strictEqual(error?.code, 'UND_ERR_INVALID_ARG')
    assert.ok(body.destroyed)
  }
})

test('an origin with more than an origin is refused', () => {
  for (const origin of ['http://a/path', 'http://a?q', 'http://a#f', 'ftp://a', 'a', '', null, 5, {},
    { protocol: 'http:', hostname: 'a', port: 'b' }]) {
    assert.throws(() => new library.Client(origin), (error) => error.code === 'UND_ERR_INVALID_ARG' || error instanceof TypeError, String(origin))
  }
})

// --- read once

/** An object whose properties count how often they are read, and give something else the second time. */
function fickle (properties) {
  const reads = {}
  const object = {}
  for (const [name, [first, second]] of Object.entries(properties)) {
    reads[name] = 0
    Object.defineProperty(object, name, { enumerable: true, get: () => ++reads[name] === 1 ? first : second })
  }
  return { object, reads }
}

const EVIL = 'a\r\nevil: yes'

test('what dispatch() was given is read once', patience, async (t) => {
  const { server, client } = await meet(t)
  const { object, reads } = fickle({
    path: ['/', `/${EVIL}`],
    method: ['POST', EVIL],
    headers: [{ a: 'b' }, { a: EVIL }],
    body: ['x', 'xxxx'],
    idempotent: [false, true],
    blocking: [false, true],
    upgrade: [null, EVIL],
    reset: [false, true],
    headersTimeout: [0, 1],
    bodyTimeout: [0, 1],
    timeout: [0, 1],
    query: [{ a: 'b' }, { [EVIL]: EVIL }]
  })
  const handler = listener(2)
  client.dispatch(object, handler)
  assert.strictEqual(await handler.over, 'end')
  assert.deepStrictEqual(Object.entries(reads).filter(([, count]) => count > 1), [])
  assert.strictEqual(server.peers[0].received.split('\r\n\r\n')[1], 'x')
  assert.ok(!server.peers[0].received.includes('evil'))
})

test('fields are read once', patience, async (t) => {
  const { server, client } = await meet(t)
  let strings = 0
  const value = Object.assign(() => {}, { toString: () => ++strings === 1 ? 'once' : EVIL })
  const { object, reads } = fickle({ a: ['b', EVIL], host: ['c', EVIL], 'content-length': ['1', '100'] })
  const list = fickle({ 0: ['d', EVIL], 1: ['e', EVIL] })
  const array = []
  for (const index of [0, 1]) Object.defineProperty(array, index, Object.getOwnPropertyDescriptor(list.object, index))
  const pair = []
  for (const index of [0, 1]) Object.defineProperty(pair, index, Object.getOwnPropertyDescriptor(fickle({ 0: ['f', EVIL], 1: ['g', EVIL] }).object, index))
  for (const headers of [object, array, new Set([pair]), { h: value }, { i: [value] }]) {
    strings = 0
    assert.strictEqual(await outcome(client.request({ path: '/', method: 'POST', body: 'x', headers })), '200 fine')
    assert.ok(strings <= 1)
  }
  assert.deepStrictEqual([reads, list.reads], [{ a: 1, host: 1, 'content-length': 1 }, { 0: 1, 1: 1 }])
  assert.ok(!server.peers[0].received.includes('evil'))
  assert.match(server.peers[0].received, /\r\na: b\r\n[^]*\r\nd: e\r\n[^]*\r\nf: g\r\n[^]*\r\nh: once\r\n[^]*\r\ni: once\r\n/)
})

test('a Proxy of fields is asked for each value once', patience, async (t) => {
  const { server, client } = await meet(t)
  const gets = []
  const headers = new Proxy({ a: 'b' }, {
    get (target, name) {
      if (typeof name === 'string') gets.push(name)
      return gets.length > 1 ? EVIL : target[name]
    }
  })
  assert.strictEqual(await outcome(client.request({ ...good, headers })), '200 fine')
  assert.deepStrictEqual(gets, ['a'])
  assert.match(server.peers[0].received, /\r\na: b\r\n/)
})

test('a Proxy of an array of values is read once', patience, async (t) => {
  const { server, client } = await meet(t)
  let reads = 0
  const values = new Proxy(['b', 'c'], { get: (target, name) => name === '0' && ++reads > 1 ? EVIL : target[name] })
  assert.strictEqual(await outcome(client.request({ ...good, headers: { a: values } })), '200 fine')
  assert.match(server.peers[0].received, /\r\na: b\r\na: c\r\n/)
})

test('the type of a blob is read once', patience, async (t) => {
  const { server, client } = await meet(t)
  let reads = 0
  const blob = new Blob(['x'])
  Object.defineProperty(blob, 'type', { get: () => ++reads === 1 ? 'text/plain' : EVIL })
  assert.strictEqual(await outcome(client.request({ path: '/', method: 'POST', body: blob })), '200 fine')
  assert.match(server.peers[0].received, /\r\ncontent-type: text\/plain\r\n/)
})

test('octets that lie about themselves are written as they are', patience, async (t) => {
  const { server, client } = await meet(t, undefined, async (peer) => {
    for (let head = await peer.head(); head !== null; head = await peer.head()) {
      await peer.until(head.includes('chunked') ? '\r\n0\r\n\r\n' : 'host: a\r\n\r\n')
      peer.answer()
    }
  })
  const text = 'xGET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n'
  const lies = [['byteLength', 1], ['length', 1], ['byteLength', 100], ['length', 100], ['subarray', () => Buffer.from('evil')]]
  for (const [name, value] of lies) {
    for (const make of [(body) => body, (body) => [body], (body) => Readable.from([body])]) {
      const body = Object.defineProperty(new Uint8Array(Buffer.from(text)), name, { value })
      const length = server.peers[0]?.received.length ?? 0
      assert.strictEqual(await outcome(client.request({ path: '/', method: 'POST', body: make(body) })), '200 fine')
      assert.match(server.peers[0].received.slice(length), /(content-length: 36\r\n\r\nx|chunked\r\n\r\n24\r\nx)GET [^]*\r\n\r\n(\r\n0\r\n\r\n)?$/)
    }
  }
})

test('a header list that changes after the call changes nothing', patience, async (t) => {
  const { server, client } = await meet(t)
  const headers = ['a', 'b']
  const values = ['d']
  const body = Buffer.from('body')
  const first = outcome(client.request({ path: '/', method: 'POST', body, headers }))
  const second = outcome(client.request({ ...good, headers: { c: values } }))
  headers[1] = EVIL
  values[0] = EVIL
  values.push(EVIL)
  assert.deepStrictEqual([await first, await second], ['200 fine', '200 fine'])
  assert.ok(!server.peers[0].received.includes('evil'))
})
