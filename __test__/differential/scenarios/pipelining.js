'use strict'

// More than one request on the way: what may share a connection, what waits, and what is sent again after a failure.

const { Readable } = require('node:stream')
const { head, until, answer, send, finish, reset, wait, mark } = require('../server.js')

const get = (path, more) => ({ path, method: 'GET', blocking: false, ...more })
const three = { pipelining: 3 }
const text = (path) => until(` ${path} HTTP/1.1`)

const STARTS = 'a request is started when the client is connected, so one that waits hears it earlier'

const row = (name, server, dispatch, more) => ({
  name: `pipelining: ${name}`,
  client: three,
  server: Array.isArray(server[0]) ? server : [server],
  dispatch,
  ours: { why: STARTS, lanes: true },
  ...more
})

module.exports = [
  row('three GETs are written before the first answer', [text('/a'), head, text('/b'), head, text('/c'), head, answer('1'), answer('2'), answer('3')],
    [get('/a'), get('/b'), get('/c')]),
  row('three answers in one segment', [text('/c'), head, send('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n1HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n2HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n3')],
    [get('/a'), get('/b'), get('/c')]),
  row('without `blocking` the next request is written at once', [text('/a'), head, text('/b'), head, answer('1'), answer('2')],
    [{ path: '/a', method: 'GET' }, { path: '/b', method: 'GET' }],
    { differs: 'blocking is true by default in undici 8; the document says false', prefers: 'undici6' }),
  row('`blocking` holds the next request until the head came', [text('/a'), head, send('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n'), text('/b'), head, send('1'), answer('2')],
    [get('/a', { blocking: true }), get('/b')]),
  row('POST waits for the requests before it, and those behind wait for it', [text('/a'), head, answer('1'), until('hello'), answer('2'), head, answer('3')],
    [get('/a'), { path: '/b', method: 'POST', body: 'hello', blocking: false }, get('/c')]),
  row('POST that is idempotent does not wait', [text('/a'), head, until('hello'), answer('1'), answer('2')],
    [get('/a'), { path: '/b', method: 'POST', body: 'hello', idempotent: true, blocking: false }]),
  row('GET that is not idempotent waits', [text('/a'), head, answer('1'), head, answer('2')],
    [get('/a'), get('/b', { idempotent: false })]),
  row('a stream body waits', [text('/a'), head, answer('1'), until('0\r\n\r\n'), answer('2')],
    () => [get('/a'), { path: '/b', method: 'PUT', idempotent: true, blocking: false, body: Readable.from(['hello'], { objectMode: false }) }]),
  row('nothing is written while a stream body is', [until('0\r\n\r\n'), answer('1'), head, answer('2')],
    () => [{ path: '/a', method: 'PUT', blocking: false, body: Readable.from(['hello'], { objectMode: false }) }, get('/b')]),
  row('HEAD is the last on its connection', [[text('/a'), head, send('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n')], [head, answer('2')]],
    [get('/a', { method: 'HEAD' }), get('/b')]),
  row('reset is the last on its connection', [[text('/a'), head, text('/b'), head, answer('1'), answer('2')], [head, answer('3')]],
    [get('/a'), get('/b', { reset: true }), get('/c')]),
  row('an answer that says close sends the others again', [[text('/c'), head, send('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1\r\n\r\n1')], [text('/b'), head, text('/c'), head, answer('2'), answer('3')]],
    [get('/a'), get('/b'), get('/c')], { settle: ['disconnect', 'drain'] }),
  row('a failure of the first sends the others again', [[text('/c'), head, finish], [text('/b'), head, text('/c'), head, answer('2'), answer('3')]],
    [get('/a'), get('/b'), get('/c')], { settle: ['disconnect', 'drain'] }),
  row('what is sent again goes before what waited behind it', [[text('/c'), head, finish], [text('/b'), head, text('/c'), head, answer('2'), send('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n')], [text('/d'), head, answer('4')]],
    [get('/a'), get('/b'), get('/c', { method: 'HEAD' }), get('/d', { method: 'HEAD' })], { settle: ['disconnect', 'drain'] }),
  row('what is sent again is not held back by a HEAD behind it', [[text('/b'), head, finish], [text('/b'), head, answer('2'), until('hello'), answer('3'), text('/d'), head, send('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n')]],
    [get('/a'), get('/b'), { path: '/c', method: 'POST', body: 'hello', blocking: false }, get('/d', { method: 'HEAD' })], { settle: ['disconnect', 'drain'] }),
  row('a reset in the body of the first sends the others again', [[text('/c'), head, send('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello'), wait('seen'), reset], [text('/b'), head, text('/c'), head, answer('2'), answer('3')]],
    [get('/a'), get('/b'), get('/c')], { settle: ['disconnect', 'drain'], on: { data: (_control, stage) => stage.mark('seen') } }),
  row('an abort of the first sends the others again', [[text('/c'), head, send('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello'), wait('never')], [text('/b'), head, text('/c'), head, answer('2'), answer('3')]],
    [get('/a'), get('/b'), get('/c')], { settle: ['disconnect', 'drain'], on: { data: (control) => control.abort() } }),
  row('a malformed first answer sends the others again', [[text('/b'), head, send('nonsense\r\n\r\n')], [text('/b'), head, answer('2')]],
    [get('/a'), get('/b')], { settle: ['disconnect', 'drain'], replace: (line) => line.replace(/HTTPParserError (HPE_\w+ )?".*"/, 'HTTPParserError'), ours: { why: `${STARTS}; the start of an answer is told with its head; one drain follows the dispatches that said false`, lanes: true, patch: (expected) => ({ ...expected, events: expected.events.filter((line, index) => line !== 'a response-started' && !(line.startsWith('client drain') && index > expected.events.indexOf(line))) }) } }),
  row('an upgrade waits', [[text('/a'), head, answer('1'), head, send('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n')]],
    [get('/a'), get('/b', { upgrade: 'x' })], { settle: ['disconnect', 'drain'], on: [undefined, { upgrade: (_control, _stage, { socket }) => socket.destroy() }] }),
  row('one at a time without pipelining', [text('/a'), head, answer('1'), head, answer('2')], [get('/a'), get('/b')], { client: undefined }),
  row('pipelining 0 takes a connection for each', [[text('/a'), head, answer('1')], [head, answer('2')]], [get('/a'), get('/b')], { client: { pipelining: 0 } }),
  {
    name: 'pipelining: the factor is raised while requests wait',
    server: [[text('/a'), head, mark('got a'), text('/b'), head, answer('1'), answer('2')]],
    ours: { why: STARTS, lanes: true },
    settle: ['drain'],
    run: async (stage) => {
      stage.dispatch('a', get('/a'))
      stage.dispatch('b', get('/b'))
      await stage.wait('got a')
      stage.note('client', 'pipelining', String(stage.client.pipelining))
      stage.client.pipelining = 2
      stage.note('client', 'pipelining', String(stage.client.pipelining))
      await stage.over('a', 'b')
    }
  },
  {
    name: 'pipelining: a request is dispatched inside the end of another',
    server: [[head, answer('1'), head, answer('2')]],
    run: async (stage) => {
      stage.dispatch('a', get('/a'), { end: () => { stage.dispatch('b', get('/b')) } })
      await stage.over('a', 'b')
    }
  },
  {
    name: 'pipelining: a request is dispatched inside the start of another',
    client: three,
    server: [[head, head, answer('1'), answer('2')]],
    ours: { why: STARTS, lanes: true },
    run: async (stage) => {
      stage.dispatch('a', get('/a'), { start: () => { stage.dispatch('b', get('/b')) } })
      await stage.over('a', 'b')
    }
  },
  {
    name: 'pipelining: what dispatch returns, and drain',
    client: { pipelining: 2 },
    server: [[head, head, answer('1'), answer('2'), head, answer('3')]],
    ours: { why: STARTS, lanes: true },
    run: async (stage) => {
      stage.dispatch('a', get('/a'))
      await stage.seen('client', 'drain')
      stage.dispatch('b', get('/b'))
      stage.dispatch('c', get('/c'))
      await stage.over('a', 'b', 'c')
    }
  }
]
