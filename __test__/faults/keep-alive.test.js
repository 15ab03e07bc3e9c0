'use strict'

// How long and how often a connection is used: the server's hints and their bounds, `Connection` in all its forms,
// HTTP/1.0, `reset`, `maxRequestsPerClient`.

const { test } = require('node:test')
const assert = require('node:assert')
const { behave, meet, outcome } = require('./server.js')
const { endless } = require('./situations.js')

const patience = { timeout: 20e3 }
const get = (client, more) => outcome(client.request({ path: '/', method: 'GET', ...more }))

// A sentence, the head of the first answer, whether the second request has the same connection, options of the client.
const rows = [
  ['HTTP/1.1 without a word', ['HTTP/1.1 200 OK'], true],
  ['HTTP/1.1 with connection: keep-alive', ['HTTP/1.1 200 OK', 'connection: keep-alive'], true],
  ['HTTP/1.1 with connection: close', ['HTTP/1.1 200 OK', 'connection: close'], false],
  ['close in capitals', ['HTTP/1.1 200 OK', 'CONNECTION: CLOSE'], false],
  ['close among other options', ['HTTP/1.1 200 OK', 'connection: a, close, b'], false],
  ['close with white space around', ['HTTP/1.1 200 OK', 'connection:  \t close \t '], false],
  ['close behind empty options', ['HTTP/1.1 200 OK', 'connection: ,, ,close'], false],
  ['close in a second field', ['HTTP/1.1 200 OK', 'connection: keep-alive', 'connection: close'], false],
  ['close before keep-alive', ['HTTP/1.1 200 OK', 'connection: close, keep-alive'], false],
  ['an option that contains close', ['HTTP/1.1 200 OK', 'connection: closed, unclose'], true],
  ['close in another field', ['HTTP/1.1 200 OK', 'proxy-connection: close'], true],
  ['HTTP/1.0 without a word', ['HTTP/1.0 200 OK'], false],
  ['HTTP/1.0 with connection: keep-alive', ['HTTP/1.0 200 OK', 'connection: keep-alive'], true],
  ['HTTP/1.0 with keep-alive and close', ['HTTP/1.0 200 OK', 'connection: keep-alive, close'], false],
  ['a hint below the threshold', ['HTTP/1.1 200 OK', 'keep-alive: timeout=1'], false],
  ['a hint that equals the threshold', ['HTTP/1.1 200 OK', 'keep-alive: timeout=2'], false],
  ['a hint above the threshold', ['HTTP/1.1 200 OK', 'keep-alive: timeout=5'], true],
  ['a hint of 0', ['HTTP/1.1 200 OK', 'keep-alive: timeout=0'], false],
  ['a hint without a number', ['HTTP/1.1 200 OK', 'keep-alive: timeout=x'], true],
  ['a hint without a name', ['HTTP/1.1 200 OK', 'keep-alive: 1'], true],
  ['a hint that overflows', ['HTTP/1.1 200 OK', `keep-alive: timeout=${'9'.repeat(100)}`], true],
  ['a hint behind another parameter', ['HTTP/1.1 200 OK', 'keep-alive: max=5, timeout=1'], false],
  ['a hint of 1 with a threshold of 0', ['HTTP/1.1 200 OK', 'keep-alive: timeout=1'], true, { keepAliveTimeoutThreshold: 0 }],
  ['a hint of 1 with a threshold below 0', ['HTTP/1.1 200 OK', 'keep-alive: timeout=1'], true, { keepAliveTimeoutThreshold: -1000 }],
  ['maxRequestsPerClient: 1', ['HTTP/1.1 200 OK'], false, { maxRequestsPerClient: 1 }],
  ['maxRequestsPerClient: 2', ['HTTP/1.1 200 OK'], true, { maxRequestsPerClient: 2 }],
  ['maxRequestsPerClient: 0', ['HTTP/1.1 200 OK'], true, { maxRequestsPerClient: 0 }],
  ['pipelining: 0', ['HTTP/1.1 200 OK'], false, { pipelining: 0 }],
  ['404', ['HTTP/1.1 404 Not Found'], true],
  ['500', ['HTTP/1.1 500 Internal Server Error'], true]
]

for (const [sentence, head, isReused, options] of rows) {
  test(`${sentence}: the connection is ${isReused ? 'used again' : 'not used again'}`, patience, async (t) => {
    const { server, client } = await meet(t, options, async (peer) => {
      await peer.head()
      peer.send(...head, 'content-length: 4', '', 'fine')
      await behave(peer)
    })
    assert.match(await get(client), /^\d+ fine$/)
    if (!isReused) await server.peers[0].ended
    assert.strictEqual(await get(client), '200 fine')
    assert.strictEqual(server.peers.length, isReused ? 1 : 2)
  })
}

for (const [sentence, options, isReused, header] of [
  ['a GET with reset: true', { reset: true }, false, 'close'],
  ['a GET with reset: false', { reset: false }, true, 'keep-alive'],
  ['a GET', {}, true, 'keep-alive'],
  ['a GET with connection: close', { headers: { connection: 'close' } }, false, 'close'],
  ['a GET with connection: Close among options', { headers: { connection: 'a, Close' } }, false, 'close'],
  ['a GET with connection: keep-alive', { headers: { connection: 'keep-alive' } }, true, 'keep-alive'],
  ['a HEAD', { method: 'HEAD' }, false, 'close'],
  ['a HEAD with reset: false', { method: 'HEAD', reset: false }, true, 'keep-alive'],
  ['a POST', { method: 'POST', body: 'x' }, true, 'keep-alive'],
  ['a GET with a body', { body: 'x' }, false, 'keep-alive'],
  ['a DELETE with a body', { method: 'DELETE', body: 'x' }, false, 'keep-alive']
]) {
  test(`${sentence} says connection: ${header}, and its connection is ${isReused ? 'used again' : 'not used again'}`, patience, async (t) => {
    const { server, client } = await meet(t, undefined, async (peer) => {
      const head = await peer.head()
      peer.send('HTTP/1.1 200 OK', 'content-length: 4', '', head.startsWith('HEAD') ? '' : 'fine')
      await behave(peer)
    })
    assert.match(await get(client, options), /^200/)
    assert.match(server.peers[0].received, new RegExp(`\r\nconnection: ${header}\r\n`))
    if (!isReused) await server.peers[0].ended
    assert.strictEqual(await get(client), '200 fine')
    assert.strictEqual(server.peers.length, isReused ? 1 : 2)
  })
}

test('maxRequestsPerClient says connection: close with the last request', patience, async (t) => {
  const { server, client } = await meet(t, { maxRequestsPerClient: 3 })
  for (let n = 0; n < 7; n++) assert.strictEqual(await get(client), '200 fine')
  assert.deepStrictEqual(server.peers.map((peer) => [...peer.received.matchAll(/connection: (\S+)/g)].map(([, word]) => word).join(' ')),
    ['keep-alive keep-alive close', 'keep-alive keep-alive close', 'keep-alive'])
})

test('an answer before the end of the request ends the connection', patience, async (t) => {
  const { server, client } = await meet(t, undefined, async (peer) => {
    await peer.head()
    peer.pause().answer()
  })
  assert.strictEqual(await get(client, { method: 'POST', body: endless() }), '200 fine')
  assert.strictEqual(await get(client), '200 fine')
  assert.strictEqual(server.peers.length, 2)
})
