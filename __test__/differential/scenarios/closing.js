'use strict'

// Connections that end: in order or by a reset, at every place of an answer and for each framing; and reuse.

const { Readable } = require('node:stream')
const { head, until, take, answer, send, finish, reset, wait, mark, ended } = require('../server.js')

const get = { path: '/', method: 'GET' }
const row = (name, server, more) => ({ name: `closing: ${name}`, server: [server], dispatch: get, ...more })
const LENGTH = 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n'
const CHUNKED = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'
const CLOSING = 'HTTP/1.1 200 OK\r\nconnection: close\r\n'

const WHOLE = {
  why: 'the start of an answer is told with its head',
  patch: (expected) => ({ ...expected, events: expected.events.filter((line) => line !== 'a response-started') })
}
const RESET = 'Error ECONNRESET "read ECONNRESET" errno=-104 syscall=\'read\''

/** Resets once the client has seen what was sent. */
const resets = (name, bytes, sees, more) => row(`reset ${name}`, [head, send(bytes), wait('seen'), reset], { on: { [sees]: (_control, stage) => stage.mark('seen') }, ...more })
/** Two requests, one after the other. */
const both = (name, servers, more) => ({
  name: `closing: ${name}`,
  server: servers,
  run: async (stage) => {
    stage.dispatch('a', get)
    await stage.over('a')
    await stage.settled()
    stage.dispatch('b', get)
    await stage.over('b')
  },
  ...more
})

module.exports = [
  row('FIN instead of an answer', [head, finish]),
  row('FIN within the status line', [head, send('HTTP/1.1 20'), finish], { ours: WHOLE }),
  row('FIN within the header fields', [head, send('HTTP/1.1 200 OK\r\nx-a: '), finish], { ours: WHOLE }),
  row('FIN after an interim answer', [head, send('HTTP/1.1 103 Early Hints\r\n\r\n'), finish]),
  row('FIN within a body with a content-length', [head, send(`${LENGTH}hello`), finish]),
  row('FIN before a body with a content-length', [head, send(LENGTH), finish]),
  row('FIN within a body with a content-length and connection: close', [head, send(`${CLOSING}content-length: 10\r\n\r\nhello`), finish]),
  row('FIN before the first chunk', [head, send(CHUNKED), finish]),
  row('FIN within a chunk', [head, send(`${CHUNKED}a\r\nhello`), finish]),
  row('FIN between chunks', [head, send(`${CHUNKED}5\r\nhello\r\n`), finish]),
  row('FIN between chunks with connection: close', [head, send(`${CLOSING}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n`), finish], { replace: (line) => line.replace(/HTTPParserError (HPE_\w+ )?".*"/, 'HTTPParserError') }),
  row('FIN within the trailers', [head, send(`${CHUNKED}5\r\nhello\r\n0\r\nx-t: 1\r\n`), finish]),
  row('FIN in place of an answer to HEAD', [head, finish], { dispatch: { path: '/', method: 'HEAD' } }),
  row('FIN in place of an answer to POST', [head, take(5), finish], { dispatch: { path: '/', method: 'POST', body: 'hello' } }),
  {
    name: 'closing: FIN while a request body is being sent',
    ours: { why: 'the order of the source and the client is nobody\'s promise', lanes: true },
    server: [[until('hello'), finish, ended]],
    run: async (stage) => {
      const source = new Readable({ read () {} })
      source.on('error', () => {})
      source.push('hello')
      stage.dispatch('a', { path: '/', method: 'POST', body: source })
      await stage.over('a')
      stage.note('source', 'destroyed', String(source.destroyed))
    }
  },

  row('reset instead of an answer', [head, reset]),
  resets('after an interim answer', 'HTTP/1.1 103 Early Hints\r\n\r\n', 'head'),
  resets('before a body with a content-length', LENGTH, 'head'),
  resets('within a body with a content-length', `${LENGTH}hello`, 'data'),
  resets('within a chunk', `${CHUNKED}a\r\nhello`, 'data'),
  resets('between chunks', `${CHUNKED}5\r\nhello\r\n`, 'data'),
  resets('within a body that the end delimits', 'HTTP/1.1 200 OK\r\n\r\nhello', 'data', {
    ours: {
      why: 'only FIN ends a body that the end of the connection delimits (RFC 9112, 8)',
      patch: (expected) => ({
        ...expected,
        events: expected.events.map((line) => line.replace('a end []', `a error ${RESET}`).replace(/SocketError.*/, RESET)),
        parsed: expected.parsed.filter((line) => line !== 'a end {}')
      })
    }
  }),

  both('keep-alive is used again', [[head, answer('one'), head, answer('two')]]),
  both('connection: close is not', [[head, send(`${CLOSING}content-length: 3\r\n\r\none`), finish], [head, answer('two')]]),
  both('HTTP/1.0 is not', [[head, send('HTTP/1.0 200 OK\r\ncontent-length: 3\r\n\r\none')], [head, answer('two')]]),
  both('a keep-alive hint below the threshold is not', [[head, answer('one', 'keep-alive: timeout=1')], [head, answer('two')]]),
  {
    name: 'closing: the server ends an idle connection',
    server: [[head, answer('one'), wait('idle'), finish], [head, answer('two')]],
    run: async (stage) => {
      stage.dispatch('a', get)
      await stage.over('a')
      await stage.settled()
      stage.mark('idle')
      await stage.seen('client', 'disconnect')
      stage.dispatch('b', get)
      await stage.over('b')
    }
  },
  {
    name: 'closing: the server resets an idle connection',
    server: [[head, answer('one'), wait('idle'), reset], [head, answer('two')]],
    run: async (stage) => {
      stage.dispatch('a', get)
      await stage.over('a')
      await stage.settled()
      stage.mark('idle')
      await stage.seen('client', 'disconnect')
      stage.dispatch('b', get)
      await stage.over('b')
    }
  },
  {
    name: 'closing: the request after a failure takes a new connection',
    server: [[head, finish], [head, answer('two')]],
    run: async (stage) => {
      stage.dispatch('a', get)
      await stage.over('a')
      await stage.settled()
      stage.dispatch('b', get)
      await stage.over('b')
    }
  },
  {
    name: 'closing: a request that waits behind a failure is sent',
    ours: { why: 'a request is started when the client is connected, so one that waits hears it earlier', lanes: true },
    server: [[head, mark('got head'), wait('queued'), finish], [head, answer('two')]],
    run: async (stage) => {
      stage.dispatch('a', { path: '/a', method: 'GET' })
      stage.dispatch('b', { path: '/b', method: 'POST', body: 'hello' })
      stage.mark('queued')
      await stage.over('a', 'b')
    }
  },
  {
    name: 'closing: nobody listens',
    server: [],
    settle: ['connectionError'],
    run: async (stage) => {
      await stage.server.deafen()
      stage.dispatch('a', get)
      stage.dispatch('b', { path: '/', method: 'POST', body: 'x' })
      await stage.over('a', 'b')
    }
  }
]
