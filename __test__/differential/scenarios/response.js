'use strict'

// Responses: how each framing is read, interim responses, trailers, and what is refused.

const { head, answer, send, finish, wait } = require('../server.js')

const get = { path: '/', method: 'GET' }
const row = (name, bytes, more) => ({ name: `response: ${name}`, server: [[head, send(bytes)]], dispatch: get, ...more })
const closing = (name, bytes, more) => ({ name: `response: ${name}`, server: [[head, send(bytes), finish]], dispatch: get, ...more })
/** The words of a parser are its own; that it refuses, and when, is the contract. The codes are held by the vectors. */
const words = (line) => line.replace(/HTTPParserError (HPE_\w+ )?".*"/, 'HTTPParserError')
/** A head is told when it is whole: of one that is not, not even that it began. */
const WHOLE = {
  why: 'the start of an answer is told with its head, so one that is refused in its head is not told to have started',
  patch: (expected) => ({ ...expected, events: expected.events.filter((line) => line !== 'a response-started') })
}
const malformed = (name, bytes, more) => row(name, bytes, { replace: words, ours: WHOLE, ...more })
/** Refused in the content: the head is told. */
const malformedContent = (name, bytes, more) => row(name, bytes, { replace: words, ...more })
const MISMATCH = {
  why: 'a head that contradicts itself is malformed (RFC 9112, 6.3)',
  patch: (expected) => ({ ...WHOLE.patch(expected), events: WHOLE.patch(expected).events.map((line) => line.replace(/ResponseContentLengthMismatchError.*/, 'HTTPParserError')) })
}
/** The disconnect comes before the drain. */
const drainLast = (expected) => {
  const drain = expected.events.findIndex((line) => line.startsWith('client drain'))
  const events = expected.events.filter((_line, index) => index !== drain)
  events.splice(drain + 1, 0, expected.events[drain])
  return { ...expected, events }
}
const trimmed = (expected) => ({ ...expected, events: expected.events.map((line) => line.replace('X-B: 2  |', 'X-B: 2 |')), parsed: expected.parsed.map((line) => line.replace("'x-b': '2 '", "'x-b': '2'")) })
const FIELDS = 'x-a: 1\r\nX-B:  2 \r\nx-a: 3\r\n'

module.exports = [
  row('content-length', `HTTP/1.1 200 OK\r\n${FIELDS}content-length: 5\r\n\r\nhello`, { ours: { why: 'space around a value is not part of it (RFC 9110, 5.5)', patch: trimmed } }),
  row('content-length of zero', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'),
  row('chunked', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\n\r\n'),
  row('chunked with trailers', 'HTTP/1.1 200 OK\r\ntrailer: x-t\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-T: 1\r\nx-t: 2\r\nx-u: 3\r\n\r\n'),
  row('chunked and empty', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'),
  closing('delimited by the end of the connection', 'HTTP/1.1 200 OK\r\n\r\nhello'),
  closing('delimited by the end of the connection, empty', 'HTTP/1.1 200 OK\r\n\r\n'),
  closing('delimited by the end of the connection, which is announced', 'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello'),
  row('connection: close with a content-length', 'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello'),
  row('HTTP/1.0 with a content-length', 'HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\nhello'),
  row('HTTP/1.0 with keep-alive', 'HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 5\r\n\r\nhello'),
  row('HEAD with a content-length', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n', { dispatch: { path: '/', method: 'HEAD' } }),
  row('HEAD with reset false and keep-alive', 'HTTP/1.1 200 OK\r\nconnection: keep-alive\r\ncontent-length: 5\r\n\r\n', { dispatch: { path: '/', method: 'HEAD', reset: false } }),
  row('HEAD with transfer-encoding', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', { dispatch: { path: '/', method: 'HEAD' } }),
  row('204', 'HTTP/1.1 204 No Content\r\n\r\n'),
  closing('204 with a content-length', 'HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n', { differs: 'undici 6 waits for the content that cannot come' }),
  row('205 with a body of zero', 'HTTP/1.1 205 Reset Content\r\ncontent-length: 0\r\n\r\n'),
  closing('304 with a content-length', 'HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\netag: "x"\r\n\r\n', { differs: 'undici 6 waits for the content that cannot come' }),
  row('304 without a length', 'HTTP/1.1 304 Not Modified\r\netag: "x"\r\n\r\n'),
  row('404 and 500 are answers', 'HTTP/1.1 500 Oh No\r\ncontent-length: 2\r\n\r\nno'),
  row('a status beyond the known', 'HTTP/1.1 799 Odd\r\ncontent-length: 0\r\n\r\n'),
  row('an empty reason phrase', 'HTTP/1.1 200 \r\ncontent-length: 0\r\n\r\n'),
  row('no reason phrase', 'HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n'),
  row('a reason phrase beyond ASCII', 'HTTP/1.1 200 caf\u00e9\r\ncontent-length: 0\r\n\r\n'),
  row('header values beyond ASCII are latin1', 'HTTP/1.1 200 OK\r\nx-a: caf\u00e9\r\ncontent-length: 0\r\n\r\n'),
  row('set-cookie twice', 'HTTP/1.1 200 OK\r\nset-cookie: a=1\r\nset-cookie: b=2\r\ncontent-length: 0\r\n\r\n'),
  row('a header field named __proto__', 'HTTP/1.1 200 OK\r\n__proto__: x\r\nconstructor: y\r\ncontent-length: 0\r\n\r\n'),
  row('an empty header value', 'HTTP/1.1 200 OK\r\nx-a:\r\nx-b: \r\ncontent-length: 0\r\n\r\n'),
  row('one mebibyte', `HTTP/1.1 200 OK\r\ncontent-length: ${1 << 20}\r\n\r\n${'x'.repeat(1 << 20)}`),
  row('102 and 103 before the answer', 'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\nlink: </b>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'),
  row('103 before an answer without a body', 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n'),
  row('an unexpected 100', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok', { ours: WHOLE }),
  row('a 101 that nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n', { ours: WHOLE }),
  row('a 101 without an upgrade field', 'HTTP/1.1 101 Switching Protocols\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', {
    differs: 'undici 6 takes it for an interim answer, undici 8 trips over an assertion',
    ours: {
      why: 'nobody asked for an upgrade, so the answer is refused as any other 101',
      except: ['parsed'],
      patch: (expected) => ({ ...expected, events: WHOLE.patch(expected).events.filter((line) => !line.startsWith('a head')).map((line) => line.replace(/AssertionError.*/, 'SocketError UND_ERR_SOCKET "bad upgrade" with socket facts')) })
    }
  }),
  row('a 200 that speaks of an upgrade', 'HTTP/1.1 200 OK\r\nconnection: upgrade\r\nupgrade: x\r\ncontent-length: 2\r\n\r\nok'),

  malformed('content-length and transfer-encoding together', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n', { ours: MISMATCH }),
  malformed('two different content-lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello', { ours: MISMATCH }),
  malformed('a content-length that is no number', 'HTTP/1.1 200 OK\r\ncontent-length: five\r\n\r\nhello'),
  malformedContent('a chunk size that is no number', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n'),
  malformedContent('a chunk without its end of line', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhelloworld\r\n'),
  malformed('no HTTP at all', 'SSH-2.0-OpenSSH\r\n'),
  malformed('a space before a colon', 'HTTP/1.1 200 OK\r\nx-a : 1\r\ncontent-length: 0\r\n\r\n', { differs: 'undici 6 keeps the space in the name' }),
  malformed('a control character in a value', 'HTTP/1.1 200 OK\r\nx-a: a\x00b\r\ncontent-length: 0\r\n\r\n'),
  malformed('lines that end in LF only', 'HTTP/1.1 200 OK\ncontent-length: 0\n\n'),

  row('a head beyond maxHeaderSize', `HTTP/1.1 200 OK\r\nx-a: ${'a'.repeat(200)}\r\n\r\n`, { ours: WHOLE, client: { maxHeaderSize: 100 } }),
  row('many small fields beyond maxHeaderSize', `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(100)}\r\n`, { ours: WHOLE, client: { maxHeaderSize: 100 } }),
  row('a body beyond maxResponseSize', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello', { client: { maxResponseSize: 4 } }),
  row('a body of exactly maxResponseSize', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello', { client: { maxResponseSize: 5 } }),
  row('a chunked body beyond maxResponseSize', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n3\r\nlo!\r\n0\r\n\r\n', { client: { maxResponseSize: 5 } }),
  row('maxResponseSize 0 with an empty body', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', { client: { maxResponseSize: 0 } }),
  row('maxResponseSize -1 is no limit', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello', { client: { maxResponseSize: -1 } }),

  row('bytes behind the answer', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nbad', { settle: ['disconnect', 'drain'], ours: { why: 'the end of the connection is known together with the end of the answer', patch: drainLast } }),
  {
    name: 'response: an answer that nobody asked for ends an idle connection',
    server: [[head, answer('ok'), wait('idle'), send('HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nbad')], [head, answer('good')]],
    run: async (stage) => {
      stage.dispatch('a', get)
      await stage.over('a')
      await stage.settled()
      stage.mark('idle')
      await stage.seen('client', 'disconnect')
      stage.dispatch('b', get)
      await stage.over('b')
    }
  }
]
