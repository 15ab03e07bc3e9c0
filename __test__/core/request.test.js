'use strict'

// What goes out for a request, against the octets that undici writes for the same options; and what is
// refused, against undici's words. Where our head depends on the connection the test writes what the
// engine writes: the `connection` field, and the framing of a streamed body.

const { test } = require('node:test')
const assert = require('node:assert')
const net = require('node:net')
const { once } = require('node:events')
const { Readable } = require('node:stream')
const { Request } = require('../../lib/core/request')

const references = {
  6: {
    Client: require('undici6/lib/dispatcher/client'),
    Request: require('undici6/lib/core/request'),
    handler: { onConnect () {}, onError () {}, onHeaders () {}, onData () {}, onComplete () {}, onUpgrade () {} }
  },
  8: {
    Client: require('undici8/lib/dispatcher/client'),
    Request: require('undici8/lib/core/request'),
    handler: {
      onRequestStart () {},
      onResponseError () {},
      onResponseStart () {},
      onResponseData () {},
      onResponseEnd () {},
      onRequestUpgrade () {}
    }
  }
}
const { handler } = references[8]

// The head of a request as undici's Client writes it.
async function writtenByReference ({ Client, handler }, options) {
  const server = net.createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = new Client(`http://127.0.0.1:${server.address().port}`)
  const failed = new Promise((resolve, reject) => {
    client.dispatch(options, {
      ...handler,
      onError: reject,
      onResponseError: (controller, error) => reject(error)
    })
  })
  const head = once(server, 'connection').then(async ([socket]) => {
    socket.setEncoding('latin1').on('error', () => {})
    let text = ''
    while (!text.includes('\r\n\r\n')) {
      text += (await once(socket, 'data'))[0]
    }
    return text.slice(0, text.indexOf('\r\n\r\n') + 2)
  })
  try {
    return [await Promise.race([head, failed]), `127.0.0.1:${server.address().port}`]
  } finally {
    failed.catch(() => {})
    head.catch(() => {})
    client.destroy()
    server.close()
  }
}

function writtenByUs (options, host, connection) {
  const request = new Request(`http://${host}`, options, handler)
  const { head, connectionAt, framingAt } = request.serializeHead(host)
  const { content } = request
  const framing = content.source === null
    ? ''
    : content.length === null ? 'transfer-encoding: chunked\r\n' : `content-length: ${content.length}\r\n`
  if (connectionAt === -1) {
    return head + framing
  }
  assert.ok(framingAt >= connectionAt)
  return head.slice(0, connectionAt) + connection + head.slice(connectionAt) + framing
}

const blob = (...parts) => new Blob(parts, { type: 'text/x-test' })

// Options by name; a function where they hold something that can be used only once.
const heads = {
  'a plain GET': { path: '/', method: 'GET' },
  'a path with octets above ASCII': { path: '/\xe9?a=b#c', method: 'GET' },
  'a query': { path: '/a', method: 'GET', query: { b: 'c d', e: ['f', 'g'] } },
  'an absolute form': { path: 'http://example.com/a', method: 'GET' },
  HEAD: { path: '/', method: 'HEAD' },
  'DELETE without a body': { path: '/', method: 'DELETE' },
  'OPTIONS *': { path: '/*', method: 'OPTIONS' },
  'an unknown method': { path: '/', method: 'M-SEARCH' },
  'a lower-case method': { path: '/', method: 'patch' },
  'POST without a body': { path: '/', method: 'POST' },
  'PUT with an empty string': { path: '/', method: 'PUT', body: '' },
  'PATCH with a string': { path: '/', method: 'PATCH', body: 'h\xe9llo' },
  'PROPFIND without a body': { path: '/', method: 'PROPFIND' },
  'GET with a body': { path: '/', method: 'GET', body: 'abc' },
  'DELETE with a body': { path: '/', method: 'DELETE', body: 'abc' },
  'a Buffer': { path: '/', method: 'POST', body: Buffer.from('abc') },
  'an empty Buffer': { path: '/', method: 'POST', body: Buffer.alloc(0) },
  'a Uint16Array': { path: '/', method: 'POST', body: new Uint16Array(3) },
  'a piece of an ArrayBuffer': { path: '/', method: 'POST', body: new DataView(new ArrayBuffer(9), 2, 4) },
  'an empty piece of an ArrayBuffer': { path: '/', method: 'POST', body: new DataView(new ArrayBuffer(9), 2, 0) },
  'an ArrayBuffer': { path: '/', method: 'POST', body: new ArrayBuffer(5) },
  'a Blob with a type': { path: '/', method: 'POST', body: blob('abc') },
  'a Blob with a type, and a content-type': { path: '/', method: 'POST', body: blob('abc'), headers: { 'Content-Type': 'a/b' } },
  'a Blob without a type': { path: '/', method: 'POST', body: new Blob(['abc']) },
  'an empty Blob': { path: '/', method: 'POST', body: blob() },
  'an empty Blob with GET': { path: '/', method: 'GET', body: blob() },
  'a stream': () => ({ path: '/', method: 'POST', body: Readable.from(['a', 'b']) }),
  'a stream with GET': () => ({ path: '/', method: 'GET', body: Readable.from(['a', 'b']) }),
  'a stream that has ended': () => {
    const body = new Readable({ read () {} })
    body.push('abcdef')
    body.push(null)
    return { path: '/', method: 'POST', body }
  },
  'a stream that has ended with nothing in it': () => {
    const body = new Readable({ read () {} })
    body.push(null)
    return { path: '/', method: 'POST', body }
  },
  'a stream with a content-length': () => ({
    path: '/', method: 'POST', body: Readable.from(['abc']), headers: { 'content-length': 3 }
  }),
  'an iterable': { path: '/', method: 'PUT', body: ['a', 'b'] },
  'an iterable with a content-length': { path: '/', method: 'PUT', body: ['a', 'b'], headers: { 'content-length': '2' } },
  'an async iterable': () => ({ path: '/', method: 'PUT', body: (async function * () { yield 'a' })() }),
  'a web stream': () => ({ path: '/', method: 'PUT', body: blob('abc').stream() }),
  'a content-length that is right': { path: '/', method: 'POST', body: 'abc', headers: { 'Content-Length': '3' } },
  'a content-length without a body': { path: '/', method: 'POST', headers: { 'content-length': '10' } },
  'a content-length of 0 with POST': { path: '/', method: 'POST', headers: { 'content-length': 0 } },
  'a content-length of 0 with GET': { path: '/', method: 'GET', headers: { 'content-length': '0' } },
  'a content-length that is wrong, with GET': { path: '/', method: 'GET', body: 'abc', headers: { 'content-length': '4' } },
  'fields as an object': { path: '/', method: 'GET', headers: { 'X-One': 'a', accept: '*/*', 'x-TWO': 'b' } },
  'fields as a flat array': { path: '/', method: 'GET', headers: ['X-One', 'a', 'accept', '*/*', 'X-One', 'b'] },
  'fields as a Map': { path: '/', method: 'GET', headers: new Map([['X-One', 'a'], ['accept', '*/*']]) },
  'fields as Headers': { path: '/', method: 'GET', headers: new Headers({ 'X-One': 'a', accept: '*/*' }) },
  'fields as pairs of a generator': () => ({
    path: '/', method: 'GET', headers: (function * () { yield ['a', 'b']; yield ['c', 'd'] })()
  }),
  'fields without a prototype': { path: '/', method: 'GET', headers: Object.assign(Object.create(null), { a: 'b' }) },
  'values of other types': { path: '/', method: 'GET', headers: { a: 1, b: true, c: null, d: undefined, e: 1n, f: '' } },
  'an array of values': { path: '/', method: 'GET', headers: { a: ['1', 2, null, 'x'], b: [] } },
  'a content-type in an array': { path: '/', method: 'POST', body: blob('abc'), headers: { 'content-type': ['a/b'] } },
  'octets above ASCII in a value': { path: '/', method: 'GET', headers: { a: '\xe9\xff' } },
  'tabs and spaces in a value': { path: '/', method: 'GET', headers: { a: ' \ta\t ' } },
  'a host': { path: '/', method: 'GET', headers: { Host: 'example.com:1' } },
  'a host in a flat array': { path: '/', method: 'GET', headers: ['a', 'b', 'hOsT', 'x', 'c', 'd'] },
  'an empty host': { path: '/', method: 'GET', headers: { host: '' } },
  'connection: close': { path: '/', method: 'GET', headers: { connection: 'close' } },
  'connection: keep-alive': { path: '/', method: 'GET', headers: { Connection: 'Keep-Alive' } },
  reset: { path: '/', method: 'GET', reset: true },
  'no reset after HEAD': { path: '/', method: 'HEAD', reset: false },
  'an upgrade': { path: '/', method: 'GET', upgrade: 'websocket', headers: { a: 'b' } },
  CONNECT: { path: 'example.com:443', method: 'CONNECT', headers: { a: 'b' } }
}

for (const [name, options] of Object.entries(heads)) {
  const make = typeof options === 'function' ? options : () => options
  for (const version of [6, 8]) {
    test(`the head of ${name} is undici ${version}'s`, async () => {
      const [expected, host] = await writtenByReference(references[version], make())
      const [connection] = /^connection: .*\r\n/m.exec(expected) ?? ['']
      assert.strictEqual(writtenByUs(make(), host, connection), expected)
    })
  }
}

test('connection options that are not ours to write are taken in silence, `close` among them counts', async () => {
  for (const [connection, reset] of [['keep-alive, x-test', null], ['x-test, Close', true], ['x-test', null]]) {
    const options = { path: '/', method: 'GET', headers: { connection } }
    assert.strictEqual(new Request('http://a', options, handler).reset, reset)
    const [expected, host] = await writtenByReference(references[8], options)
    assert.strictEqual(writtenByUs(options, host, /^connection: .*\r\n/m.exec(expected)[0]), expected)
  }
})

const value = (given) => ({ path: '/', method: 'GET', ...given })
const hostile = { toString: () => 'a\r\nb: c' }

// Options that undici 8 refuses.
const refused = {
  'no path': { method: 'GET' },
  'a path that is no string': value({ path: 1 }),
  'a path without a slash': value({ path: 'a' }),
  'an empty path': value({ path: '' }),
  'a path with a space': value({ path: '/a b' }),
  'a path with CR LF': value({ path: '/\r\na: b' }),
  'a path with NUL': value({ path: '/\0' }),
  'a path beyond latin1': value({ path: '/\u0100' }),
  'no method': { path: '/' },
  'a method that is no string': value({ method: 1 }),
  'an empty method': value({ method: '' }),
  'a method with CR LF': value({ method: 'GET\r\n' }),
  'a method with a space': value({ method: 'GET /' }),
  'an upgrade that is no string': value({ upgrade: true }),
  'an upgrade with CR LF': value({ upgrade: 'a\r\nb' }),
  'a headersTimeout that is no number': value({ headersTimeout: '1' }),
  'a negative headersTimeout': value({ headersTimeout: -1 }),
  'an endless headersTimeout': value({ headersTimeout: Infinity }),
  'a bodyTimeout that is no number': value({ bodyTimeout: 'a' }),
  'a negative bodyTimeout': value({ bodyTimeout: -1 }),
  'a reset that is no boolean': value({ reset: 1 }),
  'an expectContinue that is no boolean': value({ expectContinue: 1 }),
  'a throwOnError that is no boolean': value({ throwOnError: 'yes' }),
  'a typeOfService out of bounds': value({ typeOfService: 256 }),
  'a body that is a number': value({ body: 1 }),
  'a body that is an object': value({ body: {} }),
  'a body that is a boolean': value({ body: true }),
  'a body that is a function': value({ body: () => {} }),
  'headers that are a string': value({ headers: 'a: b' }),
  'headers that are a number': value({ headers: 1 }),
  'a flat array of odd length': value({ headers: ['a'] }),
  'a Map with other entries than pairs': value({ headers: new Set(['ab']) }),
  'pairs of three': value({ headers: new Set([['a', 'b', 'c']]) }),
  'an empty name': value({ headers: { '': 'a' } }),
  'a name with a space': value({ headers: { 'a b': 'c' } }),
  'a name with CR LF': value({ headers: ['a\r\nb', 'c'] }),
  'a name with a colon': value({ headers: { 'a:': 'b' } }),
  'a value with CR LF': value({ headers: { a: 'b\r\nc: d' } }),
  'a value with LF': value({ headers: { a: 'b\nc' } }),
  'a value with NUL': value({ headers: { a: '\0' } }),
  'a value beyond latin1': value({ headers: { a: '\u0100' } }),
  'a value that is an object': value({ headers: { a: hostile } }),
  'a value in an array with CR LF': value({ headers: { a: ['b', 'c\r\nd'] } }),
  'a value in an array that is an object': value({ headers: { a: [hostile] } }),
  'a value in an array that is an array': value({ headers: { a: [['b']] } }),
  'a function with a hostile string': value({ headers: { a: Object.assign(() => {}, { toString: () => 'a\r\nb' }) } }),
  'two hosts': value({ headers: ['host', 'a', 'Host', 'b'] }),
  'an array of hosts': value({ headers: { host: ['a', 'b'] } }),
  'a host with CR LF': value({ headers: { host: 'a\r\nb' } }),
  'two content-lengths': value({ headers: ['content-length', '1', 'content-length', '1'] }),
  'a content-length that is no number': value({ headers: { 'content-length': 'a' } }),
  'a content-length with a sign': value({ headers: { 'content-length': '+1' } }),
  'a content-length with a tail': value({ headers: { 'content-length': '1a' } }),
  'an empty content-length': value({ headers: { 'content-length': '' } }),
  'an array of content-lengths': value({ headers: { 'content-length': ['1'] } }),
  'transfer-encoding': value({ headers: { 'Transfer-Encoding': 'chunked' } }),
  'keep-alive': value({ headers: { 'Keep-Alive': 'timeout=1' } }),
  'upgrade as a field': value({ headers: { Upgrade: 'a' } }),
  'a connection that is no list of tokens': value({ headers: { connection: 'a b' } }),
  'an empty connection': value({ headers: { connection: '' } }),
  'an array of connections': value({ headers: { connection: ['close'] } }),
  expect: value({ headers: { Expect: '100-continue' } })
}

function refusal (Request, options, handler) {
  try {
    // eslint-disable-next-line no-new -- it must throw
    new Request('http://localhost', options, handler)
  } catch ({ name, message, code }) {
    return { name, message, code }
  }
  return 'accepted'
}

for (const [name, options] of Object.entries(refused)) {
  test(`${name} is refused in undici's words`, () => {
    const ours = refusal(Request, options, handler)
    assert.notStrictEqual(ours, 'accepted')
    assert.deepStrictEqual(ours, refusal(references[8].Request, options, handler))
  })
}

const without = (generation, name) => ({ ...references[generation].handler, [name]: undefined })
const plain = { path: '/', method: 'GET' }

for (const generation of [6, 8]) {
  const names = Object.keys(references[generation].handler)
  for (const name of names.filter((name) => name !== 'onConnect')) {
    test(`a handler of undici ${generation} without ${name} is refused as there`, () => {
      for (const options of [plain, { ...plain, upgrade: 'a' }, { path: 'a:1', method: 'CONNECT' }]) {
        assert.deepStrictEqual(
          refusal(Request, options, without(generation, name)),
          refusal(references[generation].Request, options, without(generation, name))
        )
      }
    })
  }
}

test('a handler that is none is refused', () => {
  for (const handler of [null, undefined, 1, () => {}, {}]) {
    assert.deepStrictEqual(
      refusal(Request, plain, handler),
      refusal(references[8].Request, plain, handler)
    )
  }
  // It ends as the first generation does, so it is told how that one starts.
  const endless = without(6, 'onConnect')
  assert.deepStrictEqual(refusal(Request, plain, endless), refusal(references[6].Request, plain, endless))
  const both = { ...handler, onBodySent: 1 }
  assert.deepStrictEqual(refusal(Request, plain, both), refusal(references[8].Request, plain, both))
})

test('options that only some undici accepts are accepted', () => {
  const options = { ...plain, throwOnError: true, maxRedirections: 0, blocking: true, expectContinue: true, body: new FormData() }
  const request = new Request('http://localhost', options, handler)
  assert.strictEqual(request.throwOnError, true)
  assert.strictEqual(request.blocking, true)
})

test('a content-length that cannot be counted in integers is refused', () => {
  const options = { path: '/', method: 'POST', body: ['a'], headers: { 'content-length': '9'.repeat(30) } }
  assert.strictEqual(refusal(Request, options, handler).message, 'invalid content-length header')
})

test('every value is read once', () => {
  const reads = {}
  const counted = (object, prefix = '') => new Proxy(object, {
    get (target, name, receiver) {
      if (typeof name === 'string') {
        reads[prefix + name] = (reads[prefix + name] ?? 0) + 1
      }
      return Reflect.get(target, name, receiver)
    }
  })
  const options = counted({ path: '/', method: 'GET', reset: true, headers: counted({ a: '1', host: 'b' }, 'headers.') })
  const request = new Request('http://localhost', options, handler)
  request.serializeHead('localhost')
  assert.deepStrictEqual(Object.values(reads).filter((count) => count !== 1), [])
  assert.strictEqual(reads['headers.a'], 1)
})

test('the fields of a request are those that undici has', () => {
  const options = { ...plain, method: 'POST', body: 'abc', headers: { a: 'b', host: 'c', 'content-length': '3' } }
  const ours = new Request('http://localhost', options, handler)
  const theirs = new references[8].Request('http://localhost', options, handler)
  for (const name of ['path', 'method', 'origin', 'protocol', 'headers', 'host', 'contentLength', 'contentType',
    'idempotent', 'reset', 'upgrade', 'servername', 'headersTimeout', 'bodyTimeout', 'expectContinue', 'body',
    'completed', 'aborted', 'typeOfService']) {
    assert.deepStrictEqual(ours[name], theirs[name], name)
  }
})

test('addHeader checks as the options are checked, and what it adds is written', () => {
  const request = new Request('http://localhost', plain, handler)
  assert.strictEqual(request.addHeader('traceparent', '00-a'), request)
  assert.throws(() => request.addHeader('a', 'b\r\n'), { code: 'UND_ERR_INVALID_ARG' })
  assert.strictEqual(request.serializeHead('localhost').head, 'GET / HTTP/1.1\r\nhost: localhost\r\ntraceparent: 00-a\r\n')
})

test('the error of a body is kept until somebody listens, and heard until the body is released', async () => {
  const body = new Readable({ read () {} })
  const request = new Request('http://localhost', { path: '/', method: 'POST', body }, handler)
  const error = new Error('disk')
  body.destroy(error)
  await new Promise((resolve) => body.once('close', resolve))
  assert.strictEqual(request.bodyError, error)

  const second = new Readable({ read () {} })
  const other = new Request('http://localhost', { path: '/', method: 'POST', body: second }, handler)
  let heard = null
  other.onBodyError = (error) => { heard = error }
  second.emit('error', error)
  assert.strictEqual(heard, error)
  other.releaseBody()
  assert.strictEqual(second.listenerCount('error'), 0)
})
