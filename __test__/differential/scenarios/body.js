'use strict'

// Bodies of requests: every kind that a body may have, how each is framed on the wire, and what a wrong length does.

const { Readable } = require('node:stream')
const { head, until, take, answer, send, wait, mark } = require('../server.js')
const { error } = require('../trace.js')

const RECONNECTS = 'undici 6 opens a connection that nobody needs after it failed a request whose body was being written'

/** What was handed over when the body failed may or may not be on the wire, and `request-sent` is not heard for what was not sent. */
const FAILED = {
  why: 'a request whose body has the wrong length is not sent further, and not said to be sent',
  except: ['wire'],
  patch: (expected) => ({ ...expected, events: expected.events.filter((line) => line !== 'a request-sent') })
}
/** What is too long is cut off. */
const CUT = {
  why: 'nothing is written behind the declared length, so the peer has the whole request and the connection stays',
  patch: (expected) => ({
    ...expected,
    events: [
      ...expected.events.filter((line) => !line.includes('"reset"')),
      'client disconnect http://127.0.0.1:<port> ClientDestroyedError UND_ERR_DESTROYED "The client is destroyed"'
    ]
  })
}
/** The failure is known before there is any need for a connection. */
const UNCONNECTED = {
  why: 'the failure is known before a connection is needed',
  lanes: true,
  except: ['wire', 'returns', 'client']
}

/** A form without files is one piece of memory. */
const WHOLE_FORM = {
  why: 'a form without files is sent in one piece',
  patch: (expected) => ({
    ...expected,
    events: expected.events.flatMap((line) => line.startsWith('a body-sent') ? line.includes('Content-') ? [line.replace('Uint8Array', 'Buffer').slice(0, -1) + '------formdata-<boundary>--\\r\\n"'] : [] : [line])
  })
}
const FORM_URLENCODED = {
  why: 'undici takes it for an iterable of strings and fails; it is a form',
  except: ['parsed'],
  patch: (expected) => ({
    ...expected,
    events: [
      'client connect http://127.0.0.1:<port>', 'a start', 'a body-sent Buffer "a=1&b=2"', 'a request-sent',
      'a response-started', 'a head 200 "OK" [content-length: 0]', 'a end []', 'client drain http://127.0.0.1:<port>',
      '-- teardown', 'client disconnect http://127.0.0.1:<port> ClientDestroyedError UND_ERR_DESTROYED "The client is destroyed"'
    ],
    wire: ['POST / HTTP/1.1\r\nhost: 127.0.0.1:<port>\r\nconnection: keep-alive\r\ncontent-type: application/x-www-form-urlencoded;charset=UTF-8\r\ncontent-length: 7\r\n\r\na=1&b=2']
  })
}

const post = (body, more) => () => ({ path: '/', method: 'POST', body: typeof body === 'function' ? body() : body, ...more })
const sized = [head, take(5), answer('ok')]
const chunked = [head, until('0\r\n\r\n'), answer('ok')]

const readable = (...chunks) => Readable.from(chunks, { objectMode: false })

module.exports = [
  { name: 'a string', server: [sized], dispatch: post('hello') },
  { name: 'a string beyond latin1', server: [[head, take(6), answer()]], dispatch: post('h€lo') },
  { name: 'a Buffer', server: [sized], dispatch: post(() => Buffer.from('hello')) },
  { name: 'a Uint8Array that is a view', server: [sized], dispatch: post(() => new Uint8Array(Buffer.from('..hello..')).subarray(2, 7)) },
  { name: 'a Float64Array', server: [[head, take(16), answer()]], dispatch: post(() => new Float64Array([1, 2])) },
  { name: 'an ArrayBuffer', server: [sized], dispatch: post(() => new Uint8Array(Buffer.from('hello')).buffer) },
  { name: 'a DataView', server: [sized], dispatch: post(() => new DataView(new Uint8Array(Buffer.from('..hello')).buffer, 2)) },
  { name: 'a Blob with a type', server: [sized], dispatch: post(() => new Blob(['hel', 'lo'], { type: 'text/x' })) },
  { name: 'a Blob without a type', server: [sized], dispatch: post(() => new Blob(['hello'])) },
  { name: 'a Blob and a content-type of the caller', server: [sized], dispatch: post(() => new Blob(['hello'], { type: 'text/x' }), { headers: { 'content-type': 'text/y' } }) },
  {
    name: 'a FormData',
    server: [[head, until('--\r\n'), answer()]],
    replace: (line) => line.replace(/content-length: \d\d\d\b/, 'content-length: <length>'),
    dispatch: (stage) => {
      const form = new (stage.library.FormData ?? FormData)()
      form.append('field', 'value')
      form.append('file', new Blob(['file'], { type: 'text/plain' }), 'name.txt')
      return { path: '/', method: 'POST', body: form }
    }
  },
  { name: 'null', server: [[head, answer()]], dispatch: post(null) },
  { name: 'an empty string', server: [[head, answer()]], dispatch: post('') },
  { name: 'an empty Buffer', server: [[head, answer()]], dispatch: post(() => Buffer.alloc(0)) },
  {
    name: 'no body with PUT, PATCH, DELETE and OPTIONS',
    server: [[head, answer(), head, answer(), head, answer(), head, answer()]],
    run: async (stage) => {
      for (const [lane, method] of Object.entries({ a: 'PUT', b: 'PATCH', c: 'DELETE', d: 'OPTIONS' })) {
        stage.dispatch(lane, { path: '/', method })
        await stage.over(lane)
      }
    }
  },
  { name: 'a body with GET closes the connection', server: [sized], dispatch: { path: '/', method: 'GET', body: 'hello' } },
  { name: 'a body with GET and reset false', server: [sized], dispatch: { path: '/', method: 'GET', body: 'hello', reset: false } },
  { name: 'a body with DELETE', server: [sized], dispatch: { path: '/', method: 'DELETE', body: 'hello' } },
  { name: 'a large Buffer', server: [[head, take(300_000), answer()]], dispatch: post(() => Buffer.alloc(300_000, 'x')) },

  { name: 'a Readable', server: [chunked], dispatch: post(() => readable('hello', ' ', 'world')) },
  { name: 'a Readable with a content-length', server: [sized], dispatch: post(() => readable('he', 'llo'), { headers: { 'content-length': '5' } }) },
  {
    name: 'a Readable that gives strings',
    server: [chunked],
    dispatch: post(() => {
      const source = readable('hello')
      source.setEncoding('utf8')
      return source
    })
  },
  { name: 'an empty Readable with POST', server: [[head, answer()]], dispatch: post(() => readable()) },
  { name: 'an empty Readable with GET', server: [[head, answer()]], dispatch: () => ({ path: '/', method: 'GET', body: readable() }) },
  {
    name: 'a Readable whose whole content is known',
    server: [sized],
    dispatch: post(() => {
      const source = new Readable({ read () {} })
      source.push('hello')
      source.push(null)
      return source
    })
  },
  { name: 'a Readable with GET', server: [chunked], dispatch: () => ({ path: '/', method: 'GET', body: readable('hello') }) },
  {
    name: 'a Readable that waits for the answer of the server between chunks',
    server: [[until('hello'), mark('got hello'), until('0\r\n\r\n'), answer()]],
    run: async (stage) => {
      const source = new Readable({ read () {} })
      source.push('hello')
      stage.dispatch('a', { path: '/', method: 'POST', body: source })
      await stage.wait('got hello')
      source.push('world')
      source.push(null)
      await stage.over('a')
    }
  },
  {
    name: 'a Readable that fails',
    differs: RECONNECTS,
    server: [[until('hello'), mark('got hello')]],
    run: async (stage) => {
      const source = new Readable({ read () {} })
      source.push('hello')
      stage.dispatch('a', { path: '/', method: 'POST', body: source })
      await stage.wait('got hello')
      source.destroy(new Error('source failed'))
      await stage.over('a')
    }
  },
  {
    name: 'a Readable that is destroyed without an error',
    differs: RECONNECTS,
    server: [[until('hello'), mark('got hello')]],
    run: async (stage) => {
      const source = new Readable({ read () {} })
      source.push('hello')
      stage.dispatch('a', { path: '/', method: 'POST', body: source })
      await stage.wait('got hello')
      source.destroy()
      await stage.over('a')
    }
  },
  {
    name: 'a Readable that failed before',
    settle: [],
    ours: UNCONNECTED,
    server: [[head]],
    run: async (stage) => {
      const source = new Readable({ read () {} })
      source.on('error', () => {})
      source.destroy(new Error('failed before'))
      stage.dispatch('a', { path: '/', method: 'POST', body: source })
      await stage.over('a')
    }
  },
  {
    name: 'a Readable that fails while the client connects',
    settle: [],
    ours: UNCONNECTED,
    server: [[head]],
    run: async (stage) => {
      const source = new Readable({ read () {} })
      stage.dispatch('a', { path: '/', method: 'POST', body: source })
      source.destroy(new Error('failed early'))
      await stage.over('a')
    }
  },
  {
    name: 'a Readable is destroyed when the answer comes first',
    server: [[until('hello'), answer('early')]],
    settle: ['disconnect', 'drain'],
    ours: { why: 'the order of the source and the client is nobody\'s promise', lanes: true },
    run: async (stage) => {
      const source = new Readable({ read () {} })
      source.push('hello')
      source.on('close', () => stage.note('source', 'close', String(source.destroyed)))
      source.on('error', (err) => stage.note('source', 'error', error(err)))
      stage.dispatch('a', { path: '/', method: 'POST', body: source })
      await stage.over('a')
      await stage.seen('source', 'close')
    }
  },

  { name: 'a sync iterable of strings and Buffers', server: [chunked], dispatch: post(() => ['hello', Buffer.from(' '), 'world']) },
  { name: 'an async iterable', server: [chunked], dispatch: post(() => (async function * () { yield 'hello'; yield Buffer.from('world') })()) },
  { name: 'an async iterable with a content-length', server: [sized], dispatch: post(() => (async function * () { yield 'he'; yield 'llo' })(), { headers: { 'content-length': '5' } }) },
  { name: 'an iterable of views on wider numbers', server: [chunked], dispatch: post(() => [new Uint8Array(Buffer.from('hello ')), new Uint16Array(new Uint8Array(Buffer.from('..worl')).buffer, 2), new DataView(new Uint8Array(Buffer.from('..d')).buffer, 2)]) },
  { name: 'an iterable with empty chunks', server: [chunked], dispatch: post(() => ['', 'hello', '']) },
  { name: 'an empty iterable', server: [[head, answer()]], dispatch: post(() => []) },
  {
    name: 'an async iterable that throws',
    differs: RECONNECTS,
    server: [[until('hello'), mark('got hello')]],
    dispatch: (stage) => ({
      path: '/',
      method: 'POST',
      body: (async function * () {
        yield 'hello'
        await stage.wait('got hello')
        throw new Error('iterable failed')
      })()
    })
  },
  { name: 'an async iterable that throws before its first chunk', differs: RECONNECTS, server: [[head]], dispatch: post(() => (async function * () { throw new Error('iterable failed') })()) },
  { name: 'an iterable that yields what is no chunk', differs: RECONNECTS, server: [[head]], dispatch: post(() => [{}]) },
  { name: 'a URLSearchParams', ours: FORM_URLENCODED, differs: RECONNECTS, server: [[until('a=1&b=2'), answer()]], dispatch: post(() => new URLSearchParams({ a: '1', b: '2' })) },
  {
    name: 'the FormData of the platform',
    replace: (line) => line.replace(/content-length: \d\d\d\b/, 'content-length: <length>'),
    ours: WHOLE_FORM,
    differs: 'undici 8 knows only its own FormData',
    prefers: 'undici6',
    server: [[head, until('--\r\n'), answer()]],
    dispatch: post(() => {
      const form = new FormData()
      form.append('field', 'value')
      return form
    })
  },

  { name: 'a content-length that fits', server: [sized], dispatch: post('hello', { headers: { 'content-length': '5' } }) },
  { name: 'a content-length that is larger than the string', settle: [], ours: UNCONNECTED, server: [[]], dispatch: post('hello', { headers: { 'content-length': '10' } }) },
  { name: 'a content-length that is smaller than the string', settle: [], ours: UNCONNECTED, server: [[]], dispatch: post('hello', { headers: { 'content-length': '2' } }) },
  { name: 'a content-length that is larger than the string, not strict', server: [sized], client: { strictContentLength: false }, dispatch: post('hello', { headers: { 'content-length': '10' } }) },
  { name: 'a content-length without a body', server: [[head, answer()]], dispatch: post(null, { headers: { 'content-length': '10' } }) },
  { name: 'a content-length of zero with GET', server: [[head, answer()]], dispatch: { path: '/', method: 'GET', headers: { 'content-length': '0' } } },
  { name: 'an iterable that is longer than its content-length', ours: FAILED, differs: RECONNECTS, server: [[head]], dispatch: post(() => ['hel', 'lo!'], { headers: { 'content-length': '5' } }) },
  { name: 'an iterable that is shorter than its content-length', ours: FAILED, differs: RECONNECTS, server: [[head]], dispatch: post(() => ['hel'], { headers: { 'content-length': '5' } }) },
  { name: 'a Readable that is longer than its content-length', ours: FAILED, differs: RECONNECTS, server: [[head]], dispatch: post(() => readable('hel', 'lo!'), { headers: { 'content-length': '5' } }) },
  { name: 'a Readable that is shorter than its content-length', ours: FAILED, differs: RECONNECTS, server: [[head]], dispatch: post(() => readable('hel'), { headers: { 'content-length': '5' } }) },
  { name: 'an iterable that is longer than its content-length, not strict', ours: CUT, differs: 'undici 6 writes past the declared length', server: [sized], client: { strictContentLength: false }, dispatch: post(() => ['hel', 'lo!'], { headers: { 'content-length': '5' } }) },
  { name: 'an iterable that is shorter than its content-length, not strict', differs: 'undici 6 reuses the connection', server: [[head, take(3), wait('sent'), answer()]], client: { strictContentLength: false }, dispatch: post(() => ['hel'], { headers: { 'content-length': '5' } }), on: { 'request-sent': (_control, stage) => stage.mark('sent') } },
  {
    name: 'a second request follows a stream body on the same connection',
    server: [[head, until('0\r\n\r\n'), answer('one'), head, send('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')]],
    run: async (stage) => {
      stage.dispatch('a', { path: '/1', method: 'POST', body: readable('hello') })
      await stage.over('a')
      stage.dispatch('b', { path: '/2', method: 'GET' })
      await stage.over('b')
    }
  }
].map((scenario) => ({ ...scenario, name: `body: ${scenario.name}` }))
