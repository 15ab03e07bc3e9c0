'use strict'

// Several requests on one connection: who may follow whom, who is sent again after a failure, and who never is.

const { test } = require('node:test')
const assert = require('node:assert')
const { Readable } = require('node:stream')
const { behave, listener, meet, never, outcome, passed } = require('./server.js')

const patience = { timeout: 20e3 }
const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfine'
const send = (client, path, more) => outcome(client.request({ path, method: 'GET', ...more }))
const paths = (...peers) => peers.map(({ received }) => [...received.matchAll(/^[A-Z]+ \/(\S*) /mg)].map(([, path]) => path).join(' '))

/** How many requests a peer has after the client had every chance to send another. */
async function settled (t, peer) {
  await passed(t)
  await passed(t)
  return peer.requests
}

test('pipelining: N sends N requests before the first answer, and not one more', patience, async (t) => {
  const { server, client } = await meet(t, { pipelining: 3 }, async (peer) => {
    await peer.heard(3)
    await peer.marked
    peer.send(OK)
    await peer.heard(4)
    peer.send(OK)
    await peer.heard(5)
    peer.send(OK).send(OK).send(OK)
  })
  const outcomes = Array.from({ length: 5 }, (_, n) => send(client, `/${n}`))
  const peer = await server.connection(1)
  await peer.heard(3)
  assert.strictEqual(await settled(t, peer), 3)
  peer.mark()
  assert.deepStrictEqual(await Promise.all(outcomes), Array(5).fill('200 fine'))
  assert.deepStrictEqual(paths(...server.peers), ['0 1 2 3 4'])
})

// What may not be sent while something is outstanding, and what may: a sentence, options, whether it follows.
for (const [sentence, options, follows] of [
  ['a GET', {}, true],
  ['a HEAD', { method: 'HEAD' }, true],
  ['a POST', { method: 'POST', body: 'x' }, false],
  ['a POST that says it is idempotent', { method: 'POST', body: 'x', idempotent: true }, true],
  ['a GET that says it is not idempotent', { idempotent: false }, false],
  ['a PUT', { method: 'PUT', body: 'x' }, false],
  ['a DELETE', { method: 'DELETE' }, false],
  ['a stream, even if idempotent', { method: 'PUT', body: () => Readable.from(['x']), idempotent: true }, false],
  ['an iterable, even if idempotent', { method: 'PUT', body: () => ['x'], idempotent: true }, false]
]) {
  test(`${sentence} ${follows ? 'goes' : 'waits'} behind an unanswered request`, patience, async (t) => {
    const { server, client } = await meet(t, { pipelining: 10 }, async (peer) => {
      await peer.heard(1)
      await peer.marked
      peer.send(OK)
      await peer.heard(2)
      peer.send(options.method === 'HEAD' ? 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n' : OK)
    })
    const first = send(client, '/first')
    const peer = await server.connection(1)
    await peer.heard(1)
    const body = typeof options.body === 'function' ? options.body() : options.body
    const second = send(client, '/second', { ...options, body })
    assert.strictEqual(await settled(t, peer), follows ? 2 : 1)
    peer.mark()
    assert.deepStrictEqual([await first, await second], ['200 fine', options.method === 'HEAD' ? '200 ' : '200 fine'])
    assert.strictEqual(server.peers.length, 1)
  })
}

test('a GET goes behind an unanswered POST', patience, async (t) => {
  const { server, client } = await meet(t, { pipelining: 10 }, async (peer) => {
    await peer.heard(2)
    peer.send(OK).send(OK)
  })
  assert.deepStrictEqual(await Promise.all([send(client, '/post', { method: 'POST', body: 'x\r\n' }), send(client, '/get')]), ['200 fine', '200 fine'])
  assert.strictEqual(server.peers.length, 1)
})

test('nothing follows a blocking request before its head', patience, async (t) => {
  const { server, client } = await meet(t, { pipelining: 10 }, async (peer) => {
    await peer.heard(1)
    await peer.marked
    peer.send('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n')
    await peer.heard(2)
    peer.send('fine').send(OK)
  })
  const outcomes = [send(client, '/blocking', { blocking: true }), send(client, '/next')]
  const peer = await server.connection(1)
  await peer.heard(1)
  assert.strictEqual(await settled(t, peer), 1)
  peer.mark()
  assert.deepStrictEqual(await Promise.all(outcomes), ['200 fine', '200 fine'])
})

test('pipelining: 0 sends one request per connection', patience, async (t) => {
  const { server, client } = await meet(t, { pipelining: 0 })
  assert.deepStrictEqual(await Promise.all([send(client, '/1'), send(client, '/2')]), ['200 fine', '200 fine'])
  assert.deepStrictEqual(paths(...server.peers), ['1', '2'])
  assert.match(server.peers[0].received, /\r\nconnection: close\r\n/)
})

// --- failures

// A sentence, how the connection fails after the heads of all three have come, what the first one sees.
for (const [sentence, fail, first] of [
  ['ends', (peer) => peer.end(), /^SocketError UND_ERR_SOCKET: other side closed/],
  ['is reset', (peer) => peer.reset(), /^Error ECONNRESET/],
  ['says what is no answer', (peer) => peer.send('nonsense\r\n\r\n'), /^HTTPParserError HPE_INVALID_CONSTANT/],
  ['answers the first one too largely', (peer) => peer.send(`HTTP/1.1 200 OK\r\na: ${'v'.repeat(20000)}`), /^HeadersOverflowError/],
  ['answers the first one half and ends', (peer) => peer.send('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf').end(), /^SocketError UND_ERR_SOCKET: other side closed/]
]) {
  test(`a connection with three GETs ${sentence}: the first fails, the innocents are sent again`, patience, async (t) => {
    const { server, client } = await meet(t, { pipelining: 3 }, async (peer) => {
      await peer.heard(3)
      fail(peer)
    })
    const outcomes = await Promise.all([send(client, '/a'), send(client, '/b'), send(client, '/c')])
    assert.match(outcomes[0], first)
    assert.deepStrictEqual(outcomes.slice(1), ['200 fine', '200 fine'])
    assert.deepStrictEqual(paths(...server.peers), ['a b c', 'b c'])
  })
}

test('a server that fails again and again fails one request each time, and none for ever', patience, async (t) => {
  const shut = async (peer) => {
    await peer.heard(1)
    peer.end()
  }
  const { server, client } = await meet(t, { pipelining: 10 }, ...Array.from({ length: 50 }, () => shut))
  const outcomes = await Promise.all(Array.from({ length: 10 }, (_, n) => send(client, `/${n}`)))
  for (const seen of outcomes) assert.match(seen, /^(SocketError|Error)/)
  assert.ok(server.peers.length <= 10, `${server.peers.length} connections`)
})

test('an answer with connection: close leaves those behind it to another connection', patience, async (t) => {
  const { server, client } = await meet(t, { pipelining: 3 }, async (peer) => {
    await peer.heard(3)
    peer.answer('fine', 'connection: close').end()
  })
  const outcomes = await Promise.all([send(client, '/a'), send(client, '/b'), send(client, '/c')])
  assert.deepStrictEqual(outcomes, ['200 fine', '200 fine', '200 fine'])
  assert.deepStrictEqual(paths(...server.peers), ['a b c', 'b c'])
})

test('a POST that was answered with connection: close is not sent again with those behind it', patience, async (t) => {
  const { server, client } = await meet(t, { pipelining: 3 }, async (peer) => {
    await peer.heard(1)
    await peer.heard(2)
    peer.answer('fine', 'connection: close').end()
  })
  const outcomes = [send(client, '/a', { method: 'POST', body: 'x\r\n' }), send(client, '/b')]
  assert.deepStrictEqual(await Promise.all(outcomes), ['200 fine', '200 fine'])
  assert.strictEqual(paths(...server.peers).join(' ').split(' ').filter((path) => path === 'a').length, 1)
})

for (const [what, body] of [['', () => 'body'], [' of a stream', () => Readable.from(['body'])]]) {
  for (const [how, fail] of [['end', (peer) => peer.end()], ['reset', (peer) => peer.reset()]]) {
    for (const idempotent of [false, true]) {
      test(`a POST${what} (${how}, idempotent: ${idempotent}) whose octets were sent is not sent twice`, patience, async (t) => {
        const { server, client } = await meet(t, { pipelining: 2 }, async (peer) => {
          await peer.head()
          peer.answer()
          await peer.until('body')
          fail(peer)
        })
        assert.strictEqual(await send(client, '/first'), '200 fine')
        assert.match(await send(client, '/post', { method: 'POST', body: body(), idempotent }), /^(SocketError UND_ERR_SOCKET|Error (ECONNRESET|EPIPE))/)
        assert.strictEqual(await send(client, '/last'), '200 fine')
        assert.deepStrictEqual(paths(...server.peers), ['first post', 'last'])
      })
    }
  }
}

test('answers out of one write reach the requests in their order', patience, async (t) => {
  const { client } = await meet(t, { pipelining: 10 }, async (peer) => {
    await peer.heard(10)
    peer.send(Array.from({ length: 10 }, (_, n) => `HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n${n}`).join(''))
  })
  const outcomes = await Promise.all(Array.from({ length: 10 }, (_, n) => send(client, `/${n}`)))
  assert.deepStrictEqual(outcomes, Array.from({ length: 10 }, (_, n) => `200 ${n}`))
})

test('an aborted request takes those behind it to another connection, and those before it are answered', patience, async (t) => {
  const { server, client } = await meet(t, { pipelining: 3 }, async (peer) => {
    await peer.heard(3)
    await peer.marked
    peer.send(OK)
    await never()
  })
  const controller = new AbortController()
  const outcomes = [send(client, '/a'), send(client, '/b', { signal: controller.signal }), send(client, '/c')]
  const peer = await server.connection(1)
  await peer.heard(3)
  controller.abort()
  assert.match(await outcomes[1], /^AbortError/)
  peer.mark()
  assert.strictEqual(await outcomes[0], '200 fine')
  assert.strictEqual(await outcomes[2], '200 fine')
  assert.deepStrictEqual(paths(...server.peers), ['a b c', 'c'])
})

for (const generation of [1, 2]) {
  test(`a request that is sent again starts again, and ends once, generation ${generation}`, patience, async (t) => {
    const { client } = await meet(t, { pipelining: 2 }, async (peer) => {
      await peer.heard(2)
      peer.end()
    })
    const handlers = [listener(generation), listener(generation)]
    for (const handler of handlers) client.dispatch({ path: '/', method: 'GET' }, handler)
    assert.strictEqual((await handlers[0].over).code, 'UND_ERR_SOCKET')
    assert.strictEqual(await handlers[1].over, 'end')
    assert.deepStrictEqual(handlers[1].seen.filter((event) => /start|head|data|end|error/.test(event)), ['start', 'start', 'head', 'data', 'end'])
  })
}

test('a thousand requests through ten at a time get each its own answer', patience, async (t) => {
  const { server, client } = await meet(t, { pipelining: 10 }, async (peer) => {
    for (let head = await peer.head(); head !== null; head = await peer.head()) {
      peer.answer(/\/(\d+)/.exec(head)[1])
    }
  })
  const outcomes = await Promise.all(Array.from({ length: 1000 }, (_, n) => send(client, `/${n}`)))
  assert.deepStrictEqual(outcomes, Array.from({ length: 1000 }, (_, n) => `200 ${n}`))
  assert.strictEqual(server.peers.length, 1)
})

test('pipelining may be changed while requests wait', patience, async (t) => {
  const { server, client } = await meet(t, { pipelining: 1 }, async (peer) => {
    await peer.heard(5)
    await behave(peer)
  })
  const outcomes = Array.from({ length: 5 }, (_, n) => send(client, `/${n}`))
  await (await server.connection(1)).heard(1)
  client.pipelining = 5
  assert.deepStrictEqual(await Promise.all(outcomes), Array(5).fill('200 fine'))
})
