'use strict'

// Who makes the tunnels of a proxy: the engine, without any socket of Node's, or Node's sockets where the engine cannot.

const { after, before, test } = require('node:test')
const assert = require('node:assert/strict')
const { createHook } = require('node:async_hooks')
const { randomBytes } = require('node:crypto')
const diagnostics = require('node:diagnostics_channel')
const { once } = require('node:events')
const path = require('node:path')
const { Worker } = require('node:worker_threads')
const { Agent, Pool, ProxyAgent, Socks5ProxyAgent, buildConnector } = require('../..')
const { certificates } = require('../tls/certificates')
const { openOrigin, openProxy } = require('./proxy')

// Of the origins and proxies of this thread.
const ca = certificates.root.cert
const GET = { path: '/', method: 'GET' }
const SOCKETS = new Set(['TCPWRAP', 'TCPCONNECTWRAP', 'PIPEWRAP', 'TLSWRAP', 'GETADDRINFOREQWRAP'])

let worker
let world
before(async () => {
  worker = new Worker(path.join(__dirname, 'proxy-worker.js'))
  ;[world] = await once(worker, 'message')
})
after(() => worker.terminate())

async function answerOf (agent, origin) {
  const { statusCode, body } = await agent.request({ origin, ...GET })
  assert.equal(statusCode, 200)
  return body.json()
}

// Whether Node makes sockets for requests by way of this agent.
async function makesSockets (agent, origin) {
  const made = []
  const hook = createHook({ init: (id, type) => SOCKETS.has(type) && made.push(type) }).enable()
  try {
    assert.equal((await answerOf(agent, origin)).headers.host, new URL(origin).host)
    await answerOf(agent, origin)
    await agent.close()
  } finally {
    hook.disable()
  }
  return made.length > 0
}

function byProxy (uri, options = {}) {
  const { ca } = world
  const { proxyTls, requestTls, ...rest } = options
  return new ProxyAgent({ uri, proxyTunnel: true, proxyTls: { ca, ...proxyTls }, requestTls: { ca, ...requestTls }, ...rest })
}

function bySocks (uri, { proxyTls, requestTls, ...rest } = {}) {
  const { ca } = world
  return new Socks5ProxyAgent(uri, { ...(proxyTls && { proxyTls: { ca, ...proxyTls } }), requestTls: { ca, ...requestTls }, ...rest })
}

const proxies = [
  ['an http: proxy', () => byProxy(world.proxy)],
  ['an https: proxy', () => byProxy(world.secureProxy)],
  ['a SOCKS5 proxy', () => bySocks(world.socks)],
  ['a SOCKS5 proxy over TLS', () => bySocks(world.secureSocks, { proxyTls: {} })],
  ['an http: proxy, with the clients of a factory', () => byProxy(world.proxy, { factory: (origin, own) => new Pool(origin, own) })],
  ['an http: proxy with options of net.connect', () => byProxy(world.proxy, { connections: 1, proxyTls: { keepAlive: false } })]
]

for (const [what, agentFor] of proxies) {
  for (const scheme of ['http', 'https']) {
    test(`${what} leads to an ${scheme}: origin without a socket of Node's`, async () => {
      assert.equal(await makesSockets(agentFor(), world[scheme]), false)
    })
  }
}

for (const scheme of ['proxy', 'secureProxy']) {
  test(`without a tunnel no socket of Node's is made either: ${scheme}`, async () => {
    assert.equal(await makesSockets(byProxy(world[scheme], { proxyTunnel: false }), world.http), false)
  })
}

const checkServerIdentity = () => undefined
const forNode = [
  ['a clientFactory', () => byProxy(world.proxy, { clientFactory: (url, own) => new Pool(url, own) })],
  ['TLS with the proxy that only Node can do', () => byProxy(world.secureProxy, { proxyTls: { checkServerIdentity } })],
  ['TLS with the origin that only Node can do', () => byProxy(world.proxy, { requestTls: { checkServerIdentity } })],
  ['an option of net.connect that only Node knows', () => byProxy(world.proxy, { proxyTls: { family: 4 } })],
  ['a field for the proxy that is more than one', () => byProxy(world.proxy, { headers: { 'content-type': 'text/plain' } })],
  ['a connector of the user\'s to a SOCKS5 proxy', () => bySocks(world.socks, { connect: (...given) => buildConnector()(...given) })],
  ['TLS through a SOCKS5 proxy that only Node can do', () => bySocks(world.socks, { requestTls: { checkServerIdentity } })]
]

for (const [what, agentFor] of forNode) {
  test(`${what} makes Node's sockets do it`, async () => {
    assert.equal(await makesSockets(agentFor(), world.https), true)
  })
}

test('TLS with an http: origin is of no concern', async () => {
  assert.equal(await makesSockets(byProxy(world.proxy, { requestTls: { checkServerIdentity } }), world.http), false)
})

test('a connector that was built is done by the engine as well', async () => {
  assert.equal(await makesSockets(bySocks(world.socks, { connect: buildConnector() }), world.https), false)
})

test('an origin that rustls has nothing in common with is reached by Node\'s TLS, through a tunnel of its own', async (t) => {
  const tls = { ...certificates.good, maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA:AES128-GCM-SHA256' }
  const [origin, proxy] = [await openOrigin(t, { tls }), await openProxy(t)]
  const agent = new ProxyAgent({ uri: proxy.url, requestTls: { ca } })
  t.after(() => agent.destroy())
  assert.equal((await answerOf(agent, origin.url)).headers.host, origin.host)
  assert.deepEqual(proxy.heard.map(({ method }) => method), ['CONNECT', 'CONNECT'])
})

test('so is a proxy', async (t) => {
  const tls = { ...certificates.good, maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA:AES128-GCM-SHA256' }
  const [origin, proxy] = [await openOrigin(t), await openProxy(t, { tls })]
  const agent = new ProxyAgent({ uri: proxy.url, proxyTunnel: true, proxyTls: { ca } })
  t.after(() => agent.destroy())
  assert.equal((await answerOf(agent, origin.url)).headers.host, origin.host)
  assert.deepEqual(proxy.heard.map(({ method }) => method), ['CONNECT'])
})

test('who wants to be told of tunnels before there is one gets sockets; who comes later, the ends of them', async (t) => {
  const [one, two, proxy] = [await openOrigin(t), await openOrigin(t), await openProxy(t)]
  const agent = new ProxyAgent({ uri: proxy.url, proxyTunnel: true })
  t.after(() => agent.destroy())
  let finish
  one.server.removeAllListeners('request').once('request', (request, response) => { finish = () => response.end('{}') })
  const held = answerOf(agent, one.url)
  await once(one.server, 'request')
  const told = []
  const listener = ({ socket, connectParams }) => told.push([connectParams.path, typeof socket.write, socket.remotePort])
  diagnostics.subscribe('undici:proxy:connected', listener)
  t.after(() => diagnostics.unsubscribe('undici:proxy:connected', listener))
  one.server.on('request', (request, response) => response.end('{}'))
  await answerOf(agent, one.url)
  await answerOf(agent, two.url)
  assert.deepEqual(told, [[one.host, 'undefined', proxy.port], [two.host, 'function', proxy.port]])
  finish()
  await held
})

test('tunnels through different proxies, or with different TLS, are never shared', async (t) => {
  const [origin, one, two] = [await openOrigin(t, { tls: certificates.good }), await openProxy(t), await openProxy(t)]
  const agents = [
    new ProxyAgent({ uri: one.url, requestTls: { ca } }),
    new ProxyAgent({ uri: two.url, requestTls: { ca } }),
    new ProxyAgent({ uri: two.url }),
    new Agent({ connect: { ca } })
  ]
  t.after(() => Promise.all(agents.map((agent) => agent.destroy())))
  await answerOf(agents[0], origin.url)
  await answerOf(agents[1], origin.url)
  await assert.rejects(agents[2].request({ origin: origin.url, ...GET }), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
  await answerOf(agents[3], origin.url)
  assert.deepEqual([one.heard.length, two.heard.length], [1, 2])
})

for (const overTls of [false, true]) {
  const inside = overTls ? 'TLS in TLS' : 'TLS'

  test(`large bodies go through ${inside} whole, in both directions, and the tunnel is used again`, async (t) => {
    const tls = certificates.good
    const [origin, proxy] = [await openOrigin(t, { tls }), await openProxy(t, overTls ? { tls } : {})]
    origin.server.removeAllListeners('request').on('request', (request, response) => request.pipe(response))
    const agent = new ProxyAgent({ uri: proxy.url, proxyTls: { ca }, requestTls: { ca } })
    t.after(() => agent.destroy())
    const content = randomBytes(4 * 1024 * 1024)
    for (let round = 0; round < 3; round++) {
      const { body } = await agent.request({ origin: origin.url, path: '/', method: 'POST', body: content })
      assert.ok(content.equals(Buffer.from(await body.arrayBuffer())))
    }
    assert.equal(proxy.heard.length, 1)
  })

  test(`a tunnel of ${inside} that ended while it was idle is not used again`, async (t) => {
    const tls = certificates.good
    const [origin, proxy] = [await openOrigin(t, { tls }), await openProxy(t, overTls ? { tls } : {})]
    const agent = new ProxyAgent({ uri: proxy.url, proxyTls: { ca }, requestTls: { ca } })
    t.after(() => agent.destroy())
    const sockets = []
    proxy.server.on('connection', (socket) => sockets.push(socket))
    for (const count of [1, 2]) {
      // Not one that may be sent twice.
      const { body } = await agent.request({ origin: origin.url, path: '/', method: 'POST', body: 'x' })
      await body.dump()
      assert.equal(proxy.heard.length, count)
      const closed = once(sockets.at(-1), 'close')
      origin.server.closeIdleConnections()
      await closed
    }
  })
}
