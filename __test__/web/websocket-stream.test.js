'use strict'

// A WebSocketStream, and ping, over the engine. What undici 8 does as well is asked of it in the same process.

const assert = require('node:assert')
const { EventEmitter, once } = require('node:events')
const net = require('node:net')
const { test } = require('node:test')
const dodici = require('../..')
const { listen } = require('./websocket-server')
const { whereAvailable } = require('./flagged')

const load = () => {
  try {
    return require('undici8')
  } catch {
    return null
  }
}

// A payload of a close frame.
const closing = (code, reason) => Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)])

// The payloads of the first pings that a server gets; it answers them, and gives everything else back.
function pings (count) {
  const payloads = []
  const server = new EventEmitter()
  return {
    received: once(server, 'pinged').then(() => payloads),
    onFrame (peer, name, payload) {
      if (name === 'ping' && payloads.push(payload.toString()) === count) {
        server.emit('pinged')
      }
      if (name !== 'pong') {
        peer.write(name === 'ping' ? 'pong' : name, payload)
      }
      if (name === 'close') {
        peer.socket.end()
      }
    }
  }
}

whereAvailable('WebSocket', '--experimental-websocket', __filename, () => {
  const undici = load()

  function behaviour (name, play) {
    test(name, (t) => play(t, dodici))
    test(`undici 8: ${name}`, { skip: undici === null && 'undici 8 does not run on this Node' }, (t) => play(t, undici))
  }

  behaviour('messages are chunks, of strings and of octets, both ways', async (t, { WebSocketStream }) => {
    const { url } = await listen(t)
    const stream = new WebSocketStream(url)
    assert.strictEqual(stream.url, `${url}/`)
    const { readable, writable, protocol, extensions } = await stream.opened
    assert.deepStrictEqual([protocol, extensions], ['', ''])
    const [reader, writer] = [readable.getReader(), writable.getWriter()]
    writer.write('zwölf')
    assert.deepStrictEqual(await reader.read(), { value: 'zwölf', done: false })
    for (const chunk of [new Uint8Array([1, 2, 3]), new Uint8Array([1, 2, 3]).buffer, new DataView(new Uint8Array([0, 1, 2, 3]).buffer, 1), Buffer.from([1, 2, 3])]) {
      writer.write(chunk)
      const { value } = await reader.read()
      assert.ok(value instanceof Uint8Array)
      assert.deepStrictEqual([...value], [1, 2, 3])
    }
    stream.close({ closeCode: 3001, reason: 'done' })
    assert.deepStrictEqual(await stream.closed, { closeCode: 3001, reason: 'done' })
    assert.deepStrictEqual(await reader.read(), { value: undefined, done: true })
    await assert.rejects(writer.closed, { name: 'InvalidStateError', message: 'A closed WebSocketStream cannot be written to' })
  })

  behaviour('a protocol is agreed upon', async (t, { WebSocketStream }) => {
    const { url } = await listen(t)
    const stream = new WebSocketStream(url, { protocols: ['one', 'two'] })
    assert.strictEqual((await stream.opened).protocol, 'two')
    stream.close()
    assert.deepStrictEqual(await stream.closed, { closeCode: 1005, reason: '' })
  })

  for (const [how, end, expected] of [
    ['close() with a reason alone', (stream) => stream.close({ reason: 'r' }), { closeCode: 1000, reason: 'r' }],
    ['the end of the writable', (_stream, { writable }) => writable.close(), { closeCode: 1005, reason: '' }],
    ['the abort of the writable', (_stream, { writable }) => writable.abort(new Error('no')), { closeCode: 1005, reason: '' }],
    ['the abort of the writable with a WebSocketError', (_stream, { writable }, { WebSocketError }) => writable.abort(new WebSocketError('', { closeCode: 3002, reason: 'a' })), { closeCode: 3002, reason: 'a' }],
    ['the cancellation of the readable', (_stream, { readable }) => readable.cancel('no'), { closeCode: 1005, reason: '' }],
    ['the cancellation of the readable with a WebSocketError', (_stream, { readable }, { WebSocketError }) => readable.cancel(new WebSocketError('', { closeCode: 3003 })), { closeCode: 3003, reason: '' }]
  ]) {
    behaviour(`${how} closes it`, async (t, library) => {
      const { url } = await listen(t)
      const stream = new library.WebSocketStream(url)
      const streams = await stream.opened
      await end(stream, streams, library)
      assert.deepStrictEqual(await stream.closed, expected)
    })
  }

  behaviour('the server may close', async (t, { WebSocketStream }) => {
    const { url } = await listen(t, {
      onOpen: (peer) => peer.write('close', closing(1001, 'going')),
      onFrame: (peer) => peer.socket.end()
    })
    assert.deepStrictEqual(await new WebSocketStream(url).closed, { closeCode: 1001, reason: 'going' })
  })

  behaviour('a connection that is lost errors both streams', async (t, { WebSocketStream, WebSocketError }) => {
    const { url, peers } = await listen(t)
    const stream = new WebSocketStream(url)
    const { readable, writable } = await stream.opened
    const reading = readable.getReader().read()
    peers[0].socket.destroy()
    const lost = { name: 'WebSocketError', message: 'unclean close', closeCode: 1006, reason: '' }
    await assert.rejects(stream.closed, lost)
    await assert.rejects(reading, lost)
    await assert.rejects(writable.getWriter().closed, lost)
    assert.ok(await stream.closed.catch((error) => error instanceof WebSocketError))
  })

  behaviour('nobody there is a WebSocketError', async (t, { WebSocketStream }) => {
    const { url, server } = await listen(t)
    server.close()
    await once(server, 'close')
    const stream = new WebSocketStream(url)
    await Promise.all([
      assert.rejects(stream.opened, { name: 'WebSocketError', message: 'Socket never opened', closeCode: null }),
      assert.rejects(stream.closed, { name: 'WebSocketError', message: 'unclean close', closeCode: 1006 })
    ])
  })

  behaviour('close() before it is open ends the attempt', async (t, { WebSocketStream }) => {
    const { url } = await listen(t)
    const stream = new WebSocketStream(url)
    stream.close()
    await Promise.all([assert.rejects(stream.opened, { name: 'WebSocketError' }), assert.rejects(stream.closed, { closeCode: 1006 })])
  })

  behaviour('a signal ends the attempt with its reason', async (t, { WebSocketStream }) => {
    const server = net.createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => server.close())
    const url = `ws://127.0.0.1:${server.address().port}`
    const reason = new Error('enough')
    for (const early of [true, false]) {
      const controller = new AbortController()
      if (early) controller.abort(reason)
      const accepted = early ? null : once(server, 'connection')
      const stream = new WebSocketStream(url, { signal: controller.signal })
      await accepted
      controller.abort(reason)
      await Promise.all([assert.rejects(stream.opened, reason), assert.rejects(stream.closed, reason)])
    }
  })

  behaviour('a signal is of no interest once it is open', async (t, { WebSocketStream }) => {
    const { url } = await listen(t)
    const controller = new AbortController()
    const stream = new WebSocketStream(url, { signal: controller.signal })
    const { readable, writable } = await stream.opened
    controller.abort()
    writable.getWriter().write('still there')
    assert.strictEqual((await readable.getReader().read()).value, 'still there')
    stream.close()
    await stream.closed
  })

  behaviour('arguments that are none are refused', (t, { WebSocketStream }) => {
    const url = 'ws://localhost'
    for (const values of [['x y'], ['ftp://localhost'], [`${url}/#a`], [url, { protocols: ['a', 'A'] }], [url, { protocols: ['a b'] }]]) {
      assert.throws(() => new WebSocketStream(...values), (error) => error instanceof DOMException && error.name === 'SyntaxError', JSON.stringify(values))
    }
    for (const values of [[], [url, 5], [url, { signal: 5 }], [url, { protocols: 5 }]]) {
      assert.throws(() => new WebSocketStream(...values), TypeError)
    }
  })

  behaviour('a chunk that is neither string nor octets errors the writable', async (t, { WebSocketStream }) => {
    const { url } = await listen(t)
    const stream = new WebSocketStream(url)
    const writer = (await stream.opened).writable.getWriter()
    writer.closed.catch(() => {})
    await assert.rejects(writer.write(5), TypeError)
    stream.close()
    await stream.closed
  })

  behaviour('close() refuses what may not be sent', async (t, { WebSocketStream }) => {
    const { url } = await listen(t)
    const stream = new WebSocketStream(url)
    await stream.opened
    assert.throws(() => stream.close({ closeCode: 1001 }), { name: 'InvalidAccessError' })
    assert.throws(() => stream.close({ closeCode: 1000, reason: 'x'.repeat(124) }), { name: 'SyntaxError' })
    stream.close()
    stream.close()
    await stream.closed
  })

  test('a relative URL is one of the global origin', async (t) => {
    const { url } = await listen(t)
    dodici.setGlobalOrigin(url.replace('ws', 'http'))
    t.after(() => dodici.setGlobalOrigin(undefined))
    const stream = new dodici.WebSocketStream('/a')
    assert.strictEqual(stream.url, `${url}/a`)
    await stream.opened
    stream.close()
    await stream.closed
  })

  test('a dispatcher and fields are options', async (t) => {
    const { url, peers } = await listen(t)
    const dispatcher = new dodici.Client(url.replace('ws', 'http'))
    t.after(() => dispatcher.destroy())
    const connected = once(dispatcher, 'connect')
    const stream = new dodici.WebSocketStream(url, { dispatcher, headers: { 'x-one': '1' } })
    await stream.opened
    assert.strictEqual(peers[0].request.headers['x-one'], '1')
    await connected
    stream.close()
    await stream.closed
  })

  test('a reader that does not read stops the server', async (t) => {
    const { url, peers } = await listen(t)
    const stream = new dodici.WebSocketStream(url)
    const { readable } = await stream.opened
    const message = Buffer.alloc(64 * 1024)
    const { socket } = peers[0]
    let sent = 0
    // Far more than what windows and buffers of the kernel may hold.
    const limit = 2000
    await new Promise((resolve) => {
      const send = () => {
        let hasRoom = true
        while (hasRoom && sent < limit) {
          peers[0].write('binary', message)
          hasRoom = !socket.writableNeedDrain
          sent++
        }
        if (sent === limit) {
          resolve()
          return
        }
        const timer = setTimeout(resolve, 500)
        socket.once('drain', () => {
          clearTimeout(timer)
          send()
        })
      }
      send()
    })
    assert.ok(sent < limit, `${sent} messages were taken`)
    const reader = readable.getReader()
    for (let count = 0; count < sent; count++) {
      assert.strictEqual((await reader.read()).value.length, message.length)
    }
    stream.close()
    await stream.closed
  })

  test('a server that does not read makes the writer wait', async (t) => {
    const { url, peers } = await listen(t)
    const stream = new dodici.WebSocketStream(url)
    const { writable } = await stream.opened
    peers[0].socket.pause()
    const writer = writable.getWriter()
    let written = 0
    for (let count = 0; count < 200; count++) {
      writer.write(new Uint8Array(256 * 1024)).then(() => written++, () => {})
    }
    const tell = new Promise((resolve) => setTimeout(resolve, 300))
    await tell
    assert.ok(written < 100, `${written} messages were written`)
    writer.closed.catch(() => {})
    peers[0].socket.destroy()
    await assert.rejects(stream.closed, { closeCode: 1006 })
  })

  behaviour('ping() sends a ping where it is open, with what it is given', async (t, { WebSocket, ping }) => {
    const { received, onFrame } = pings(3)
    const { url, peers } = await listen(t, { onFrame })
    const socket = new WebSocket(url)
    ping(socket)
    await once(socket, 'open')
    assert.strictEqual(ping(socket), undefined)
    ping(socket, Buffer.from('are you there'))
    ping(socket, Buffer.alloc(125, 'a'))
    assert.deepStrictEqual(await received, ['', 'are you there', 'a'.repeat(125)])
    socket.close()
    ping(socket)
    await once(socket, 'close')
    ping(socket)
    assert.strictEqual(peers[0].frames.filter(([name]) => name === 'ping').length, 3)
  })

  behaviour('ping() refuses what is no payload, and what is no WebSocket', (t, { ping }) => {
    assert.throws(() => ping(null, Buffer.alloc(126)), { name: 'TypeError', message: 'A PING frame cannot have a body larger than 125 bytes.' })
    assert.throws(() => ping(null, 'text'), { name: 'TypeError', message: 'Expected buffer payload' })
    for (const value of [undefined, null, {}]) {
      assert.throws(() => ping(value), TypeError)
    }
  })

  test('ping() takes an extension of WebSocket', async (t) => {
    const { received, onFrame } = pings(1)
    const { url } = await listen(t, { onFrame })
    class Extension extends dodici.WebSocket {}
    const socket = new Extension(url, ['one'])
    await once(socket, 'open')
    dodici.ping(socket, Buffer.from('a'))
    assert.deepStrictEqual(await received, ['a'])
    assert.ok(socket instanceof Extension)
    socket.close()
    await once(socket, 'close')
  })

  test('a WebSocket goes over a dispatcher of another package', async (t) => {
    const { url } = await listen(t)
    for (const { Agent } of [require('undici7'), undici].filter((library) => library !== null)) {
      const dispatcher = new Agent()
      t.after(() => dispatcher.destroy())
      const socket = new dodici.WebSocket(url, { dispatcher })
      await once(socket, 'open')
      socket.close()
      await once(socket, 'close')
    }
  })
})
