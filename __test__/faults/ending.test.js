'use strict'

// The server's end: FIN, RST and half-close at every point, and which of them cost a request.

const { test } = require('node:test')
const assert = require('node:assert')
const { once } = require('node:events')
const { Readable } = require('node:stream')
const { behave, listener, meet, outcome, passed } = require('./server.js')
const { endless } = require('./situations.js')

const patience = { timeout: 20e3 }
const OK = 'HTTP/1.1 200 OK\r\n'
const get = (client, path = '/', more) => outcome(client.request({ path, method: 'GET', ...more }))

const CLOSED = 'SocketError UND_ERR_SOCKET: other side closed'
const RESET = 'Error ECONNRESET: read ECONNRESET'
const SHORT = 'ResponseContentLengthMismatchError UND_ERR_RES_CONTENT_LENGTH_MISMATCH: Response body length does not match content-length header'

// A sentence, what the server sends before its end, how it ends, what the caller sees.
const rows = [
  ['FIN instead of an answer', '', 'end', CLOSED],
  ['RST instead of an answer', '', 'reset', RESET],
  ['FIN inside the status line', 'HTTP/1.1 20', 'end', CLOSED],
  ['RST inside the status line', 'HTTP/1.1 20', 'reset', RESET],
  ['FIN inside the head', `${OK}content-length: 4\r\n`, 'end', CLOSED],
  ['RST inside the head', `${OK}content-length: 4\r\n`, 'reset', RESET],
  ['FIN behind an interim answer', 'HTTP/1.1 103 Early Hints\r\n\r\n', 'end', CLOSED],
  ['RST behind an interim answer', 'HTTP/1.1 103 Early Hints\r\n\r\n', 'reset', RESET],
  ['FIN inside a body of known length', `${OK}content-length: 4\r\n\r\nfi`, 'end', CLOSED],
  ['FIN inside a body of known length, connection: close', `${OK}connection: close\r\ncontent-length: 4\r\n\r\nfi`, 'end', SHORT],
  ['RST inside a body of known length', `${OK}content-length: 4\r\n\r\nfi`, 'reset', RESET],
  ['RST inside a body of known length, connection: close', `${OK}connection: close\r\ncontent-length: 4\r\n\r\nfi`, 'reset', RESET],
  ['FIN inside a chunk', `${OK}transfer-encoding: chunked\r\n\r\n4\r\nfi`, 'end', CLOSED],
  ['FIN between chunks', `${OK}transfer-encoding: chunked\r\n\r\n4\r\nfine\r\n`, 'end', CLOSED],
  ['FIN inside the last chunk', `${OK}transfer-encoding: chunked\r\n\r\n4\r\nfine\r\n0\r\n`, 'end', CLOSED],
  ['FIN inside the trailers', `${OK}transfer-encoding: chunked\r\n\r\n4\r\nfine\r\n0\r\na: b\r\n`, 'end', CLOSED],
  ['FIN between chunks, connection: close', `${OK}connection: close\r\ntransfer-encoding: chunked\r\n\r\n4\r\nfine\r\n`, 'end', /^HTTPParserError HPE_INVALID_EOF_STATE: /],
  ['RST between chunks', `${OK}transfer-encoding: chunked\r\n\r\n4\r\nfine\r\n`, 'reset', RESET],
  ['FIN ends a body without length', `${OK}\r\nfine`, 'end', '200 fine'],
  ['FIN ends an empty body without length', `${OK}\r\n`, 'end', '200 '],
  ['RST does not end a body without length', `${OK}\r\nfine`, 'reset', RESET],
  ['FIN behind a whole answer', `${OK}content-length: 4\r\n\r\nfine`, 'end', '200 fine'],
  ['FIN behind a whole chunked answer', `${OK}transfer-encoding: chunked\r\n\r\n4\r\nfine\r\n0\r\n\r\n`, 'end', '200 fine'],
  ['FIN behind 204', 'HTTP/1.1 204 No Content\r\n\r\n', 'end', '204 ']
]

for (const [sentence, octets, end, expected] of rows) {
  test(sentence, patience, async (t) => {
    const { server, client } = await meet(t, undefined, async (peer) => {
      await peer.head()
      peer.send(octets)
      // A reset overtakes what the client has not read yet.
      if (end === 'reset' && octets !== '') await peer.marked
      peer[end]()
    })
    const seen = end === 'reset' && octets !== '' ? resetWhenHeard(t, server, client) : get(client)
    if (expected instanceof RegExp) assert.match(await seen, expected)
    else assert.strictEqual(await seen, expected)
    assert.strictEqual(await get(client, '/next'), '200 fine')
    assert.strictEqual(server.peers.length, 2, 'the next request has a connection of its own')
    assert.strictEqual(server.peers[0].requests, 1, 'and the first was sent once')
    assert.deepStrictEqual(client.stats.size, 0)
  })
}

/** The request, and the server's mark once the client has taken what was sent, as far as it can be seen. */
async function resetWhenHeard (t, server, client) {
  const peer = server.connection(1).then(async (peer) => {
    await peer.heard(1)
    await passed(t)
    peer.mark()
  })
  const seen = await get(client)
  await peer
  return seen
}

for (const [sentence, method, expected] of [
  ['a GET on a connection whose server has gone', 'GET', '200 fine'],
  ['a POST on a connection whose server has gone', 'POST', '200 fine'],
  ['a POST of a stream on a connection whose server has gone', 'STREAM', '200 fine']
]) {
  for (const end of ['end', 'reset']) {
    test(`${sentence} (${end}) has another, and its caller does not notice`, patience, async (t) => {
      const { server, client } = await meet(t, undefined, async (peer) => {
        await peer.head()
        peer.answer()
      })
      assert.strictEqual(await get(client), '200 fine')
      // The end is in the client's kernel before the next request is made.
      const { socket } = server.peers[0][end]()
      if (end === 'end') await once(socket, 'finish')
      const body = method === 'STREAM' ? Readable.from(['body']) : method === 'POST' ? 'body' : undefined
      const seen = await outcome(client.request({ path: '/', method: method === 'GET' ? 'GET' : 'POST', body }))
      assert.strictEqual(seen, expected)
      assert.strictEqual(server.peers.length, 2)
      assert.strictEqual(server.peers[0].requests, 1)
    })
  }
}

test('FIN right behind an answer with keep-alive costs no request', patience, async (t) => {
  const answerAndEnd = async (peer) => {
    await peer.head()
    peer.answer('fine', 'connection: keep-alive').end()
    await once(peer.socket, 'finish')
    peer.mark()
  }
  const { server, client } = await meet(t, undefined, ...Array.from({ length: 100 }, () => answerAndEnd))
  for (let n = 0; n < 100; n++) {
    assert.strictEqual(await get(client, `/${n}`), '200 fine')
    await server.peers[n].marked
  }
})

test('octets on an idle connection end it, and the next request does not take them for its answer', patience, async (t) => {
  const { server, client } = await meet(t, undefined, async (peer) => {
    await peer.head()
    peer.answer()
    await behave(peer)
  })
  assert.strictEqual(await get(client), '200 fine')
  server.peers[0].answer('poison')
  assert.strictEqual(await get(client, '/next'), '200 fine')
  assert.strictEqual(server.peers.length, 2)
  await server.peers[0].ended
})

test('octets behind an answer end the connection, and the next request does not take them for its answer', patience, async (t) => {
  const { server, client } = await meet(t, undefined, async (peer) => {
    await peer.head()
    peer.send(`${OK}content-length: 4\r\n\r\nfine${OK}content-length: 6\r\n\r\npoison`)
  })
  assert.strictEqual(await get(client), '200 fine')
  assert.strictEqual(await get(client, '/next'), '200 fine')
  assert.strictEqual(server.peers.length, 2)
})

test('a server that half-closes after the head of a request still gets the body, and its answer counts', patience, async (t) => {
  const { client } = await meet(t, undefined, async (peer) => {
    await peer.head()
    peer.send(`${OK}\r\nfine`).end()
  })
  assert.strictEqual(await outcome(client.request({ path: '/', method: 'POST', body: 'x'.repeat(1000) })), '200 fine')
})

test('a server that answers and resets while the body is on its way: the answer counts', patience, async (t) => {
  const { server, client } = await meet(t, undefined, async (peer) => {
    await peer.head()
    peer.pause()
    peer.send(`${OK}connection: close\r\ncontent-length: 4\r\n\r\nfine`)
  })
  const source = endless()
  const closed = once(source, 'close')
  assert.strictEqual(await outcome(client.request({ path: '/', method: 'POST', body: source })), '200 fine')
  await closed
  server.peers[0].resume()
  await server.peers[0].closed
})

for (const generation of [1, 2]) {
  test(`an answer that is cut short is told as data and then an error, generation ${generation}`, patience, async (t) => {
    const { client } = await meet(t, undefined, async (peer) => {
      await peer.head()
      peer.send(`${OK}content-length: 10\r\n\r\nhalf `).end()
    })
    const handler = listener(generation)
    client.dispatch({ path: '/', method: 'GET' }, handler)
    assert.strictEqual((await handler.over).code, 'UND_ERR_SOCKET')
    assert.deepStrictEqual(handler.seen.filter((event) => event !== 'request-sent'), ['start', 'head', 'data', 'error'])
  })
}

test('a server that accepts and ends at once fails each request once, and none for ever', patience, async (t) => {
  const shut = async (peer) => { peer.end() }
  const { server, client } = await meet(t, undefined, ...Array.from({ length: 100 }, () => shut))
  for (let n = 0; n < 5; n++) assert.match(await get(client), /^(SocketError UND_ERR_SOCKET|Error (ECONNRESET|EPIPE))/)
  assert.ok(server.peers.length <= 10, `${server.peers.length} connections`)
})

test('a server that accepts and resets at once fails each request once, and none for ever', patience, async (t) => {
  const shut = async (peer) => { peer.reset() }
  const { server, client } = await meet(t, undefined, ...Array.from({ length: 100 }, () => shut))
  for (let n = 0; n < 5; n++) assert.match(await get(client), /^(SocketError UND_ERR_SOCKET|Error (ECONNRESET|EPIPE))/)
  assert.ok(server.peers.length <= 10, `${server.peers.length} connections`)
})

test('a server that is gone refuses each request, and one that is back answers', patience, async (t) => {
  const { server, client } = await meet(t, undefined, async (peer) => {
    await peer.head()
    peer.answer('fine', 'connection: close')
  })
  assert.strictEqual(await get(client), '200 fine')
  await server.peers[0].closed
  await server.deafen()
  const error = await client.request({ path: '/', method: 'GET' }).catch((error) => error)
  assert.deepStrictEqual([error.code, error.syscall, error.address, error.port], ['ECONNREFUSED', 'connect', '127.0.0.1', server.port])
  assert.strictEqual(error.message, `connect ECONNREFUSED 127.0.0.1:${server.port}`)
})
