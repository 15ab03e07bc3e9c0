'use strict'

// Bodies in both directions: lengths that are not kept, uploads that fail or are answered early, both at once, and how much
// is held for a reader or a server that takes nothing.

const { test } = require('node:test')
const assert = require('node:assert')
const { once } = require('node:events')
const { PassThrough, Readable } = require('node:stream')
const { behave, listener, meet, outcome, passed, turn } = require('./server.js')
const { endless } = require('./situations.js')

const patience = { timeout: 30e3 }
const OK = 'HTTP/1.1 200 OK\r\n'
const MISMATCH = 'RequestContentLengthMismatchError UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: Request body length does not match content-length header'
const post = (client, body, length, more) => outcome(client.request({
  path: '/', method: 'POST', body, headers: length === undefined ? {} : { 'content-length': String(length) }, ...more
}))

// --- content-length

const sources = {
  'a string': (text) => text,
  'a Buffer': (text) => Buffer.from(text),
  'a stream': (text) => Readable.from([Buffer.from(text)]),
  'a stream of many pieces': (text) => Readable.from(text.split('').map((one) => Buffer.from(one))),
  'an iterable': (text) => [text],
  'an async iterable': async function * (text) { yield text },
  'an iterable of many pieces': (text) => text.split('')
}

for (const [name, make] of Object.entries(sources)) {
  for (const [sentence, length] of [['longer than', 3], ['shorter than', 8]]) {
    test(`${name} that is ${sentence} its content-length fails, and nothing beyond the length is written`, patience, async (t) => {
      const { server, client } = await meet(t, undefined, async (peer) => {
        const head = await peer.head()
        if (head?.startsWith('GET')) await peer.answer()
      })
      assert.strictEqual(await post(client, make('12345'), length), MISMATCH)
      assert.strictEqual(await outcome(client.request({ path: '/', method: 'GET' })), '200 fine')
      for (const { received } of server.peers) {
        const [, body] = /^POST [^]*?\r\n\r\n([^]*)/.exec(received) ?? []
        if (body !== undefined) assert.ok('12345'.slice(0, length).startsWith(body), body)
      }
    })
  }

  test(`${name} that is as long as its content-length is written`, patience, async (t) => {
    const { server, client } = await meet(t, undefined, async (peer) => {
      await peer.until('12345')
      peer.answer()
    })
    assert.strictEqual(await post(client, make('12345'), 5), '200 fine')
    assert.match(server.peers[0].received, /\r\ncontent-length: 5\r\n\r\n12345$/)
  })
}

for (const name of ['a stream', 'an async iterable', 'a stream of many pieces']) {
  test(`${name} that is longer than its content-length is cut, with a warning, unless strictContentLength`, patience, async (t) => {
    const { server, client } = await meet(t, { strictContentLength: false }, async (peer) => {
      await peer.until('123')
      peer.answer()
      await behave(peer)
    })
    const warned = once(process, 'warning')
    assert.strictEqual(await post(client, sources[name]('12345'), 3), '200 fine')
    assert.strictEqual((await warned)[0].code, 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH')
    assert.strictEqual(await outcome(client.request({ path: '/', method: 'GET' })), '200 fine')
    assert.ok(!server.peers.some(({ received }) => received.includes('1234')))
  })
}

test('a body of no octets with a content-length fails', patience, async (t) => {
  const { client } = await meet(t)
  assert.strictEqual(await post(client, Readable.from([]), 5), MISMATCH)
  assert.strictEqual(await outcome(client.request({ path: '/', method: 'GET' })), '200 fine')
})

test('an empty stream and an empty iterable are content-length: 0', patience, async (t) => {
  const { server, client } = await meet(t)
  assert.strictEqual(await post(client, Readable.from([])), '200 fine')
  assert.strictEqual(await post(client, []), '200 fine')
  assert.strictEqual(await post(client, ['', Buffer.alloc(0)]), '200 fine')
  assert.deepStrictEqual(server.peers[0].received.match(/content-length: 0\r\n\r\n/g)?.length, 3)
  assert.ok(!server.peers[0].received.includes('chunked'))
})

// --- uploads that fail

for (const [sentence, fail] of [
  ['is destroyed with an error', (source) => source.destroy(new TypeError('of the source'))],
  ['is destroyed', (source) => source.destroy()],
  ['emits an error', (source) => source.emit('error', new TypeError('of the source'))]
]) {
  test(`a source that gave something and ${sentence}: the upload gets no end`, patience, async (t) => {
    const { server, client } = await meet(t, undefined, async (peer) => { await peer.until('half') })
    const source = new PassThrough()
    source.write('half')
    const call = post(client, source)
    const peer = await server.connection(1)
    await peer.heard(1)
    await peer.atLeast(peer.received.indexOf('\r\n\r\n') + 11)
    fail(source)
    assert.match(await call, /^(TypeError undefined: of the source|AbortError UND_ERR_ABORTED: Request aborted)$/)
    await peer.ended
    assert.match(peer.received, /\r\n\r\n4\r\nhalf$/)
    assert.strictEqual(await outcome(client.request({ path: '/', method: 'GET' })), '200 fine')
  })
}

// --- early answers

for (const [sentence, answer] of [
  ['200', `${OK}content-length: 4\r\n\r\nfine`],
  ['200 with connection: close', `${OK}connection: close\r\ncontent-length: 4\r\n\r\nfine`],
  ['413', 'HTTP/1.1 413 Content Too Large\r\nconnection: close\r\ncontent-length: 4\r\n\r\nfine'],
  ['a chunked 400', 'HTTP/1.1 400 Bad Request\r\ntransfer-encoding: chunked\r\n\r\n4\r\nfine\r\n0\r\n\r\n']
]) {
  for (const [name, make] of [['an endless stream', endless], ['an endless iterable', function * () { for (;;) yield Buffer.alloc(16384, 'x') }], ['a large Buffer', () => Buffer.alloc(8_000_000, 'x')]]) {
    test(`${name} is answered early with ${sentence}: the answer counts, the source is left, nothing follows on the connection`, patience, async (t) => {
      const { server, client } = await meet(t, undefined, async (peer) => {
        await peer.head()
        peer.pause().send(answer)
      })
      let isDone = false
      const source = make()
      const body = Symbol.iterator in source && !Buffer.isBuffer(source)
        ? (function * () { try { yield * source } finally { isDone = true } })()
        : source
      assert.match(await post(client, body), /^\d+ fine$/)
      assert.strictEqual(await outcome(client.request({ path: '/next', method: 'GET' })), '200 fine')
      if (typeof source.destroy === 'function') assert.ok(source.destroyed)
      else if (body !== source) assert.ok(isDone, 'the iterator was told')
      server.peers[0].resume()
      await server.peers[0].closed
      assert.ok(!server.peers[0].received.includes('/next'))
      assert.ok(!server.peers[0].received.endsWith('0\r\n\r\n'))
    })
  }
}

// --- answers that are wrong while the body is on its way: a sentence, the octets, what ends the connection, what is seen

const BROKEN = /^(SocketError UND_ERR_SOCKET: other side closed|Error (ECONNRESET|EPIPE))/

for (const [sentence, octets, end, expected] of [
  ['FIN', '', 'end', BROKEN],
  ['RST', '', 'reset', BROKEN],
  ['half a head and FIN', OK, 'end', BROKEN],
  ['half a body and FIN', `${OK}content-length: 10\r\n\r\nhalf `, 'end', BROKEN],
  ['half a large body and FIN', `${OK}content-length: 400000\r\n\r\n${'x'.repeat(300_000)}`, 'end', BROKEN],
  ['garbage', 'garbage\r\n\r\n', null, /^HTTPParserError HPE_/],
  ['100 that was not asked for', 'HTTP/1.1 100 Continue\r\n\r\n', null, 'SocketError UND_ERR_SOCKET: bad response'],
  ['101 that was not asked for', 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: a\r\n\r\n', null, 'SocketError UND_ERR_SOCKET: bad upgrade'],
  ['65 interim answers', 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(65), null, 'SocketError UND_ERR_SOCKET: bad response'],
  ['two answers', `${OK}content-length: 4\r\n\r\nfine${OK}content-length: 6\r\n\r\npoison`, null, '200 fine']
]) {
  for (const [name, make] of [['an endless stream', endless], ['a large Buffer', () => Buffer.alloc(8_000_000, 'x')]]) {
    test(`${name} meets ${sentence}: one outcome, the source is left, the next request has another connection`, patience, async (t) => {
      const { server, client } = await meet(t, undefined, async (peer) => {
        await peer.head()
        await peer.atLeast(100_000)
        peer.send(octets)
        if (end !== null) peer[end]()
      })
      const source = make()
      // It hears of an error of the connection, as in undici.
      const closed = Buffer.isBuffer(source) ? null : new Promise((resolve) => source.on('error', () => {}).on('close', resolve))
      const seen = await post(client, source)
      if (expected instanceof RegExp) assert.match(seen, expected)
      else assert.strictEqual(seen, expected)
      await closed
      assert.strictEqual(await outcome(client.request({ path: '/next', method: 'GET' })), '200 fine')
      await server.peers[0].closed
      assert.strictEqual(server.peers.length, 2)
      assert.strictEqual(client.stats.size, 0)
    })
  }
}

// --- both at once

test('a body is echoed piece by piece while it is sent', patience, async (t) => {
  const { client } = await meet(t, undefined, async (peer) => {
    await peer.head()
    peer.send(`${OK}transfer-encoding: chunked\r\n\r\n`)
    for (let n = 0; n < 50; n++) {
      const piece = await peer.until(`piece ${n};`)
      peer.send(`${piece.trim().split('\r\n').pop().length.toString(16)}\r\n${piece.trim().split('\r\n').pop()}\r\n`)
    }
    await peer.until('0\r\n\r\n')
    peer.send('0\r\n\r\n')
  })
  const source = new PassThrough()
  source.write('piece 0;')
  const { body } = await client.request({ path: '/', method: 'POST', body: source })
  let text = ''
  let n = 0
  for await (const chunk of body) {
    text += chunk
    // The next piece goes only when the last one has come back.
    if (++n < 50) source.write(`piece ${n};`)
    else source.end()
  }
  assert.strictEqual(text, Array.from({ length: 50 }, (_, n) => `piece ${n};`).join(''))
})

test('a connection whose upload and download ran at once is used again', patience, async (t) => {
  const { server, client } = await meet(t, undefined, async (peer) => {
    await peer.head()
    peer.send(`${OK}transfer-encoding: chunked\r\n\r\n2\r\nfi\r\n`)
    await peer.until('0\r\n\r\n')
    peer.send('2\r\nne\r\n0\r\n\r\n')
    await behave(peer)
  })
  const source = new PassThrough()
  source.write('a')
  const { body } = await client.request({ path: '/', method: 'POST', body: source })
  source.end()
  assert.strictEqual(await body.text(), 'fine')
  assert.strictEqual(await outcome(client.request({ path: '/', method: 'GET' })), '200 fine')
  assert.strictEqual(server.peers.length, 1)
})

// --- what is held

/** Waits until a figure stands still for many turns of the event loop and of the engine. */
async function still (t, figure) {
  for (let last = -1, same = 0; same < 5; same = figure() === last ? same + 1 : 0) {
    last = figure()
    await passed(t)
    for (let n = 0; n < 20; n++) await turn()
  }
  return figure()
}

test('a response that nobody reads holds a few hundred KiB, and the server is made to wait', patience, async (t) => {
  const { server, client } = await meet(t, undefined, async (peer) => {
    await peer.head()
    peer.send(`${OK}content-length: 100000000\r\n\r\n`)
    const piece = Buffer.alloc(65536, 'x')
    for (let n = 0; n < 1500 && !peer.hasEnded; n++) {
      if (!peer.socket.write(piece)) await once(peer.socket, 'drain').catch(() => {})
    }
  })
  const { body } = await client.request({ path: '/', method: 'GET' })
  await still(t, () => body.readableLength)
  assert.ok(body.readableLength <= 1024 * 1024, `${body.readableLength} octets in the body`)
  const written = await still(t, () => server.peers[0].socket.bytesWritten - server.peers[0].socket.writableLength)
  // The kernel's buffers on both sides are the larger part.
  assert.ok(written <= 16 * 1024 * 1024, `${written} octets were taken`)
  body.on('error', () => {}).destroy()
})

for (const generation of [1, 2]) {
  test(`pause() stops the data at once, and resume() goes on where it stopped, generation ${generation}`, patience, async (t) => {
    const text = Array.from({ length: 200_000 }, (_, n) => String.fromCharCode(97 + n % 26)).join('')
    const { client } = await meet(t, undefined, async (peer) => {
      await peer.head()
      peer.send(`${OK}content-length: ${text.length}\r\n\r\n${text}`)
    })
    let received = ''
    let isPaused = false
    const handler = listener(generation, {
      data (control, chunk) {
        assert.ok(!isPaused)
        received += chunk
        isPaused = true
        control.pause()
        setImmediate(() => {
          isPaused = false
          control.resume()
          control.resume()
        })
      }
    })
    client.dispatch({ path: '/', method: 'GET' }, handler)
    assert.strictEqual(await handler.over, 'end')
    assert.strictEqual(received, text)
    handler.control.resume()
  })
}

for (const event of ['start', 'info', 'head']) {
  test(`a pause at ${event} holds the content, and no head`, patience, async (t) => {
    const { server, client } = await meet(t, undefined, async (peer) => {
      await peer.head()
      peer.send(`HTTP/1.1 103 Early Hints\r\n\r\n${OK}content-length: 4\r\n\r\nfi`)
      await peer.marked
      peer.send('ne')
    })
    const handler = listener(2, { [event]: (control) => control.pause() })
    client.dispatch({ path: '/', method: 'GET' }, handler)
    while (!handler.seen.includes('head')) await turn()
    const [peer] = server.peers
    peer.mark()
    await turn()
    assert.deepStrictEqual(handler.seen.filter((heard) => !heard.includes('sent')), ['start', 'info', 'head'])
    handler.control.resume()
    assert.strictEqual(await handler.over, 'end')
  })
}

for (const [name, make] of [
  ['a stream', (count) => new Readable({ highWaterMark: 16384, read () { count(16384); this.push(Buffer.alloc(16384, 'x')) } })],
  ['an iterable', function * (count) { for (;;) { count(16384); yield Buffer.alloc(16384, 'x') } }],
  ['an async iterable', async function * (count) { for (;;) { count(16384); yield Buffer.alloc(16384, 'x') } }]
]) {
  test(`a server that reads nothing: ${name} is pulled for a few MiB at most`, patience, async (t) => {
    const { server, client } = await meet(t, undefined, async (peer) => {
      await peer.head()
      peer.pause()
    })
    let pulled = 0
    const controller = new AbortController()
    const call = post(client, make((octets) => { pulled += octets }), undefined, { signal: controller.signal })
    const octets = await still(t, () => pulled)
    assert.ok(octets < 8 * 1024 * 1024, `${octets} octets`)
    controller.abort()
    assert.match(await call, /^AbortError/)
    server.peers[0].resume()
  })
}

test('a body of 8 MiB goes up and down whole', patience, async (t) => {
  const size = 8 * 1024 * 1024
  const { client } = await meet(t, undefined, async (peer) => {
    let left = size
    peer.socket.removeAllListeners('data')
    peer.socket.on('data', (chunk) => {
      left -= chunk.length - (chunk.indexOf('\r\n\r\n') === -1 || left < size ? 0 : chunk.indexOf('\r\n\r\n') + 4)
      if (left === 0) {
        peer.send(Buffer.concat([Buffer.from(`${OK}content-length: ${size}\r\n\r\n`), Buffer.alloc(size, 'y')]))
      }
    })
  })
  const { body } = await client.request({ path: '/', method: 'POST', body: Buffer.alloc(size, 'x') })
  let received = 0
  for await (const chunk of body) {
    assert.ok(chunk.equals(Buffer.alloc(chunk.length, 'y')))
    received += chunk.length
  }
  assert.strictEqual(received, size)
})
