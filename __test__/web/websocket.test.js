'use strict'

// Node's WebSocket over our engine's upgrade, by way of the option `dispatcher` and of the class that the package exports.

const assert = require('node:assert')
const { EventEmitter, once } = require('node:events')
const { test } = require('node:test')
const dodici = require('../..')
const { listen } = require('./websocket-server')
const { whereAvailable } = require('./flagged')

const next = async (socket, name) => (await once(socket, name))[0]

whereAvailable('WebSocket', '--experimental-websocket', __filename, () => {
  const { WebSocket } = globalThis

  function clientFor (url, t, options) {
    const client = new dodici.Client(url.replace('ws:', 'http:'), options)
    t.after(() => client.destroy())
    return client
  }

  for (const [title, open] of [
    ['a dispatcher as its option', (url, client) => new WebSocket(url, { dispatcher: client })],
    ['a dispatcher as the option of the exported class', (url, client) => new dodici.WebSocket(url, { dispatcher: client })],
    ['the dispatcher of the process', (url, client) => {
      const previous = dodici.getGlobalDispatcher()
      dodici.setGlobalDispatcher(client)
      const socket = new WebSocket(url)
      dodici.setGlobalDispatcher(previous)
      return socket
    }]
  ]) {
    test(`WebSocket with ${title} carries text and octets both ways`, async (t) => {
      const { url, peers } = await listen(t)
      const client = clientFor(url, t)
      const socket = open(url, client)
      socket.binaryType = 'arraybuffer'
      await next(socket, 'open')
      assert.strictEqual(peers[0].request.headers.upgrade, 'websocket')
      assert.strictEqual(peers[0].request.headers.connection.toLowerCase(), 'upgrade')
      assert.strictEqual(peers[0].request.headers['sec-websocket-version'], '13')
      socket.send('zwölf')
      assert.strictEqual((await next(socket, 'message')).data, 'zwölf')
      socket.send(new Uint8Array([1, 2, 3]))
      assert.deepStrictEqual(new Uint8Array((await next(socket, 'message')).data), new Uint8Array([1, 2, 3]))
      socket.close(1000, 'done')
      const { wasClean, code, reason } = await next(socket, 'close')
      assert.deepStrictEqual({ wasClean, code, reason }, { wasClean: true, code: 1000, reason: 'done' })
    })
  }

  test('WebSocket of the package goes over the default dispatcher where none was set', async (t) => {
    const { url } = await listen(t)
    const requested = []
    const dispatcher = dodici.getGlobalDispatcher()
    const { dispatch } = dispatcher
    dispatcher.dispatch = function (options, handler) {
      requested.push(options.path)
      return dispatch.call(this, options, handler)
    }
    t.after(() => {
      dispatcher.dispatch = dispatch
    })
    const socket = new dodici.WebSocket(`${url}/default`)
    assert.ok(socket instanceof WebSocket)
    await next(socket, 'open')
    socket.close()
    await next(socket, 'close')
    assert.deepStrictEqual(requested, ['/default'])
  })

  test('a protocol is agreed upon', async (t) => {
    const { url } = await listen(t)
    const socket = new WebSocket(url, { protocols: ['one', 'two'], dispatcher: clientFor(url, t) })
    await next(socket, 'open')
    assert.strictEqual(socket.protocol, 'two')
    socket.close()
    await next(socket, 'close')
  })

  test('fields of the user\'s are sent', async (t) => {
    const { url, peers } = await listen(t)
    const socket = new WebSocket(url, { headers: { 'x-one': '1' }, dispatcher: clientFor(url, t) })
    await next(socket, 'open')
    assert.strictEqual(peers[0].request.headers['x-one'], '1')
    socket.close()
    await next(socket, 'close')
  })

  test('a message that comes together with the answer to the handshake is heard', async (t) => {
    const { url } = await listen(t, { coalesced: true, onOpen: (peer) => peer.write('text', 'at once') })
    const socket = new WebSocket(url, { dispatcher: clientFor(url, t) })
    assert.strictEqual((await next(socket, 'message')).data, 'at once')
    socket.close()
    await next(socket, 'close')
  })

  test('messages of a megabyte come back whole', async (t) => {
    const { url } = await listen(t)
    const socket = new WebSocket(url, { dispatcher: clientFor(url, t) })
    socket.binaryType = 'arraybuffer'
    await next(socket, 'open')
    const sent = Buffer.alloc(1024 * 1024, 'twelve')
    socket.send(sent)
    assert.ok(Buffer.from((await next(socket, 'message')).data).equals(sent))
    socket.close()
    await next(socket, 'close')
  })

  test('many messages come back in their order', async (t) => {
    const { url } = await listen(t)
    const socket = new WebSocket(url, { dispatcher: clientFor(url, t) })
    await next(socket, 'open')
    const heard = []
    const all = new Promise((resolve) => {
      socket.addEventListener('message', ({ data }) => heard.push(data) === 1000 && resolve())
    })
    for (let count = 0; count < 1000; count++) {
      socket.send(`${count}`)
    }
    await all
    assert.deepStrictEqual(heard, Array.from({ length: 1000 }, (_, count) => `${count}`))
    socket.close()
    await next(socket, 'close')
  })

  test('a ping is answered', async (t) => {
    const frames = new EventEmitter()
    const heard = once(frames, 'frame')
    const { url } = await listen(t, {
      onOpen: (peer) => peer.write('ping', 'are you there'),
      onFrame: (peer, name, payload) => {
        frames.emit('frame', name, payload.toString())
        peer.write('close', payload)
        peer.socket.end()
      }
    })
    const socket = new WebSocket(url, { dispatcher: clientFor(url, t) })
    assert.deepStrictEqual(await heard, ['pong', 'are you there'])
    await next(socket, 'close')
  })

  test('the server may close', async (t) => {
    const { url } = await listen(t, {
      onOpen: (peer) => peer.write('close', Buffer.concat([Buffer.from([0x03, 0xe9]), Buffer.from('going')])),
      onFrame: (peer) => peer.socket.end()
    })
    const socket = new WebSocket(url, { dispatcher: clientFor(url, t) })
    const { code, reason, wasClean } = await next(socket, 'close')
    assert.deepStrictEqual({ code, reason, wasClean }, { code: 1001, reason: 'going', wasClean: true })
  })

  test('a connection that is lost closes without having been clean', async (t) => {
    const { url, peers } = await listen(t, { onOpen: (peer) => peer.write('text', 'soon gone') })
    const socket = new WebSocket(url, { dispatcher: clientFor(url, t) })
    await next(socket, 'message')
    const closed = next(socket, 'close')
    peers[0].socket.destroy()
    const { code, wasClean } = await closed
    assert.deepStrictEqual({ code, wasClean }, { code: 1006, wasClean: false })
  })

  test('an answer that is no upgrade is an error', async (t) => {
    const { url, server } = await listen(t)
    server.removeAllListeners('upgrade')
    const socket = new WebSocket(url, { dispatcher: clientFor(url, t) })
    await next(socket, 'error')
    assert.notStrictEqual(socket.readyState, WebSocket.OPEN)
  })

  test('a wrong answer to the handshake is an error', async (t) => {
    const { url } = await listen(t)
    const socket = new WebSocket(`${url}/wrong`, { dispatcher: clientFor(url, t) })
    await next(socket, 'error')
    assert.notStrictEqual(socket.readyState, WebSocket.OPEN)
  })

  test('nobody there is an error', async (t) => {
    const { url, server } = await listen(t)
    server.close()
    await once(server, 'close')
    const socket = new WebSocket(url, { dispatcher: clientFor(url, t) })
    await next(socket, 'error')
    assert.notStrictEqual(socket.readyState, WebSocket.OPEN)
  })
})
