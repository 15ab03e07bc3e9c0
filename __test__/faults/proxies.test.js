'use strict'

// Proxies that misbehave: each call is settled once, with an error that says what happened, whoever makes the tunnel.

const { test } = require('node:test')
const assert = require('node:assert/strict')
const { once } = require('node:events')
const net = require('node:net')
const dodici = require('../..')
const { census } = require('../../lib/native/bridge')
const { certificates } = require('../tls/certificates')
const { openOrigin, openProxy, openServer, own } = require('../dispatcher/proxy')

const GET = { path: '/', method: 'GET' }
const OK = 'HTTP/1.1 200 OK\r\n\r\n'
const ca = certificates.root.cert

function open (t, library, options) {
  const agent = new library.ProxyAgent(options)
  t.after(() => agent.destroy())
  return agent
}

// How often a handler hears of the end of a request, and with what.
function ends (agent, origin) {
  const heard = []
  return new Promise((resolve) => {
    const settle = (end) => {
      heard.push(end)
      // A second one would come with what follows.
      setImmediate(() => setImmediate(resolve, heard))
    }
    agent.dispatch({ origin, ...GET }, {
      onRequestStart () {},
      onResponseStart () {},
      onResponseData () {},
      onResponseEnd: () => settle('end'),
      onResponseError: (controller, error) => settle(error)
    })
  })
}

// What a proxy does with a CONNECT, and what the request fails with.
const misdeeds = [
  ['ends the connection', (socket) => socket.end(), { code: 'UND_ERR_PRX_CONN', cause: 'other side closed' }],
  ['ends it within the head', (socket) => socket.end('HTTP/1.1 200 OK\r\nx: y\r\n'), { code: 'UND_ERR_PRX_CONN', cause: 'other side closed' }],
  ['resets it', (socket) => socket.resetAndDestroy(), { code: 'ECONNRESET' }],
  ['speaks another protocol', (socket) => socket.write('SSH-2.0-OpenSSH_9.6\r\n'), { code: 'HPE_INVALID_CONSTANT' }],
  ['sends a head that is too large', (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(20000)}\r\n\r\n`), { code: 'UND_ERR_HEADERS_OVERFLOW' }],
  ['sends a field that is none', (socket) => socket.write('HTTP/1.1 200 OK\r\nno colon\r\n\r\n'), { code: 'HPE_INVALID_HEADER_TOKEN' }],
  ['switches protocols', (socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'), { code: 'UND_ERR_PRX_CONN', cause: 'bad upgrade' }],
  ['says that there is no content', (socket) => socket.write('HTTP/1.1 204 No Content\r\n\r\n'), { code: 'UND_ERR_ABORTED' }],
  ['refuses with a body', (socket) => socket.write('HTTP/1.1 403 No\r\ncontent-length: 1000\r\n\r\nno'), { code: 'UND_ERR_ABORTED' }],
  ['is silent', () => {}, { code: 'UND_ERR_CONNECT_TIMEOUT' }],
  ['stops within the head', (socket) => socket.write('HTTP/1.1 200 O'), { code: 'UND_ERR_CONNECT_TIMEOUT' }],
  ['ends the tunnel', (socket) => socket.end(OK), { code: 'ECONNRESET', message: 'Client network socket disconnected before secure TLS connection was established' }],
  ['sends in the tunnel what is no TLS', (socket) => socket.write(`${OK}HTTP/1.1 400 Bad Request\r\n\r\n`), { code: 'ERR_SSL_WRONG_VERSION_NUMBER' }],
  ['is silent in the tunnel', (socket) => socket.write(OK), { code: 'UND_ERR_CONNECT_TIMEOUT' }]
]

for (const overTls of [false, true]) {
  for (const [what, act, { cause, ...expected }] of misdeeds) {
    // Of TLS there is no half of a connection, and no reset.
    const isPossible = !(overTls && what === 'resets it')
    if (isPossible) {
      own(`a proxy${overTls ? ' over TLS' : ''} that ${what}`, async (t, library) => {
        const proxy = await openProxy(t, { tls: overTls ? certificates.good : undefined, onConnect: (request, socket) => [act(socket)] })
        const agent = open(t, library, { uri: proxy.url, connectTimeout: 300, proxyTls: { ca }, requestTls: { ca } })
        const heard = await ends(agent, 'https://name.test')
        assert.equal(heard.length, 1)
        for (const [name, value] of Object.entries(expected)) {
          assert.equal(heard[0][name], value, heard[0].stack)
        }
        assert.equal(heard[0].cause?.message, cause)
        assert.equal(proxy.heard.length, 1)
      })
    }
  }
}

// Node's way is undici's: no interim answer is welcome.
test('a proxy that goes on telling to wait', async (t) => {
  const proxy = await openProxy(t, { onConnect: (request, socket) => [socket.write('HTTP/1.1 102 Processing\r\n\r\n'.repeat(100))] })
  const [error] = await ends(open(t, dodici, { uri: proxy.url }), 'https://name.test')
  assert.deepEqual([error.code, error.cause.message], ['UND_ERR_PRX_CONN', 'bad response'])
})

own('a proxy that resets the tunnel within the handshake', async (t, library) => {
  const proxy = await openProxy(t, {
    onConnect: (request, socket) => [socket.write(OK), socket.once('data', () => socket.resetAndDestroy())]
  })
  const heard = await ends(open(t, library, { uri: proxy.url }), 'https://name.test')
  assert.deepEqual(heard.map(({ code }) => code), ['ECONNRESET'])
})

own('a proxy that answers octet by octet, and an origin behind it', async (t, library) => {
  const origin = await openOrigin(t, { tls: certificates.good })
  const proxy = await openProxy(t, {
    onConnect (request, socket) {
      const onward = net.connect(origin.port, '127.0.0.1', async () => {
        for (const octet of 'HTTP/1.1 200 OK\r\nvia: 1.1 slow\r\n\r\n') {
          await new Promise((resolve) => socket.write(octet, resolve))
        }
        onward.pipe(socket).pipe(onward)
      })
      return true
    }
  })
  const agent = open(t, library, { uri: proxy.url, requestTls: { ca } })
  const { body } = await agent.request({ origin: origin.url, ...GET })
  assert.equal((await body.json()).headers.host, origin.host)
})

own('a proxy that misbehaves for one origin serves the others', async (t, library) => {
  const origin = await openOrigin(t, { tls: certificates.good })
  const proxy = await openProxy(t, { onConnect: ({ url }, socket) => url.startsWith('name.test') && [socket.write('nonsense')] })
  const agent = open(t, library, { uri: proxy.url, requestTls: { ca } })
  const bad = Array.from({ length: 5 }, () => assert.rejects(agent.request({ origin: 'https://name.test', ...GET }), { name: 'HTTPParserError' }))
  const good = Array.from({ length: 5 }, async () => (await agent.request({ origin: origin.url, ...GET })).body.json())
  await Promise.all([...bad, ...good])
})

// Where a connection can be while it is no tunnel yet: what the proxy does, and when it has come there.
const stages = [
  ['TLS with the proxy is spoken', async (t) => {
    const { port, server } = await openServer(t, (socket) => socket.once('data', () => server.emit('there', socket)))
    return { uri: `https://localhost:${port}`, server }
  }],
  ['the proxy is asked', async (t) => {
    const { url, server } = await openProxy(t, { onConnect: (request, socket) => [server.emit('there', socket)] })
    return { uri: url, server }
  }],
  ['TLS with the origin is spoken', async (t) => {
    const { url, server } = await openProxy(t, {
      onConnect: (request, socket) => [socket.write(OK), socket.once('data', () => server.emit('there', socket))]
    })
    return { uri: url, server }
  }]
]

for (const [when, openStage] of stages) {
  own(`an abort while ${when} settles at once, and destroy() ends the connection`, async (t, library) => {
    const { uri, server } = await openStage(t)
    const agent = open(t, library, uri)
    const controller = new AbortController()
    const reason = new Error('enough')
    const aborted = assert.rejects(agent.request({ origin: 'https://name.test', ...GET, signal: controller.signal }), { name: 'AbortError' })
    const destroyed = assert.rejects(agent.request({ origin: 'https://name.test', ...GET }), (error) => error === reason)
    const [socket] = await once(server, 'there')
    controller.abort()
    await aborted
    // A server of HTTP leaves its half open.
    const ended = new Promise((resolve) => socket.resume().once('end', resolve).once('close', resolve))
    await agent.destroy(reason)
    await destroyed
    await ended
  })
}

test('tunnels that fail leave nothing behind', async (t) => {
  const proxy = await openProxy(t, { onConnect: (request, socket) => [socket.end(OK)] })
  const round = async () => {
    const agent = new dodici.ProxyAgent(proxy.url)
    const origins = Array.from({ length: 20 }, (_, index) => `https://name-${index}.test`)
    await Promise.all(origins.map((origin) => assert.rejects(agent.request({ origin, ...GET }))))
    await agent.close()
  }
  await round() // the tables get their size
  const { exchanges, dispatchers, sockets } = census()
  await round()
  const after = census()
  assert.deepEqual([after.exchanges, after.dispatchers, after.sockets], [exchanges, dispatchers, sockets])
})
