'use strict'

// When the steps of an exchange were done, as its user sees it. What each step is the engine's tests say.

const { test } = require('node:test')
const assert = require('node:assert')
const net = require('node:net')
const { subscribe, unsubscribe } = require('node:diagnostics_channel')
const { meet, serve, listener, library } = require('../faults/server.js')
const secure = require('../tls/server.js')
const { timingsOf, NEVER } = require('../../lib/core/timings')

const NAMES = ['queued', 'dns', 'connect', 'tls', 'requestSent', 'firstByte', 'end']
const GET = { path: '/', method: 'GET' }
const SECOND = 1e6

/** The names of the steps that were done: whole numbers of microseconds, none before the one before it. */
function steps (timings) {
  assert.deepStrictEqual(Object.keys(timings), NAMES)
  const done = NAMES.filter((name) => timings[name] !== null)
  let last = 0
  for (const name of done) {
    assert.ok(Number.isInteger(timings[name]) && timings[name] >= last, JSON.stringify(timings))
    last = timings[name]
  }
  return done.join(' ')
}

/** The steps of a whole exchange by request(). */
async function ask (dispatcher, options) {
  const result = await dispatcher.request({ ...GET, ...options })
  await result.body.text()
  return steps(result.timings)
}

test('request() tells them, and the end when the body has come', async (t) => {
  const { server, client } = await meet(t, {}, async (peer) => {
    await peer.head()
    peer.send('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfi')
    await peer.marked
    peer.send('ne')
  })
  const since = performance.now()
  const result = await client.request(GET)
  assert.strictEqual(steps(result.timings), 'queued connect requestSent firstByte')
  server.peers[0].mark()
  await result.body.text()
  const elapsed = (performance.now() - since) * 1000
  assert.strictEqual(steps(result.timings), 'queued connect requestSent firstByte end')
  assert.ok(result.timings.end <= elapsed, `${result.timings.end} of ${elapsed}`)
})

test('the result of request() is a plain object to whoever looks at it', async (t) => {
  const { client } = await meet(t)
  const result = await client.request(GET)
  await result.body.dump()
  assert.deepStrictEqual(Object.keys(result), ['statusCode', 'statusText', 'headers', 'trailers', 'opaque', 'body', 'context'])
  assert.strictEqual(result.constructor, Object)
  assert.notStrictEqual(result.timings, result.timings)
})

test('a name takes resolving, on the first connection alone', async (t) => {
  const { port } = await serve(t)
  const client = new library.Client(`http://localhost:${port}`)
  t.after(() => client.destroy())
  assert.strictEqual(await ask(client), 'queued dns connect requestSent firstByte end')
  assert.strictEqual(await ask(client), 'queued requestSent firstByte end')
})

test('TLS takes its time', async (t) => {
  const { origin } = await secure.serve(t)
  const client = secure.clientOf(t, origin)
  assert.strictEqual(await ask(client), 'queued dns connect tls requestSent firstByte end')
  assert.strictEqual(await ask(client), 'queued requestSent firstByte end')
})

test('of a socket that a connector made it is known when it was there', async (t) => {
  const { origin } = await serve(t)
  const connect = ({ hostname, port }, callback) => {
    const socket = net.connect(port, hostname, () => callback(null, socket))
  }
  const client = new library.Client(origin, { connect })
  t.after(() => client.destroy())
  assert.strictEqual(await ask(client), 'queued connect requestSent firstByte end')
})

test('a socket of the file system takes connecting', { skip: process.platform === 'win32' }, async (t) => {
  const { mkdtempSync, rmSync } = require('node:fs')
  const folder = mkdtempSync(require('node:path').join(require('node:os').tmpdir(), 'dodici-'))
  const socketPath = `${folder}/socket`
  const server = require('node:http').createServer((request, response) => response.end('fine')).listen(socketPath)
  t.after(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })
  const client = new library.Client('http://localhost', { socketPath })
  t.after(() => client.destroy())
  assert.strictEqual(await ask(client), 'queued connect requestSent firstByte end')
})

test('what has waited in a pool\'s own queue was queued', async (t) => {
  const { server } = await meet(t, {}, async (peer) => {
    await peer.head()
    await peer.marked
    peer.answer()
    await peer.head()
    peer.answer()
  })
  const pool = new library.RoundRobinPool(server.origin, { connections: 1 })
  t.after(() => pool.destroy())
  const first = pool.request(GET)
  const second = pool.request(GET)
  // From here on it surely waits.
  const since = performance.now()
  const peer = await server.connection(1)
  await peer.heard(1)
  const waited = (performance.now() - since) * 1000
  peer.mark()
  await (await first).body.dump()
  const { body, timings } = await second
  await body.dump()
  assert.ok(timings.queued >= Math.floor(waited), `${timings.queued} of ${waited}`)
})

test('undici:request:trailers tells them, also of a tunnel', async (t) => {
  const { client } = await meet(t, {}, async (peer) => {
    await peer.head()
    peer.answer()
    await peer.head()
    peer.send('HTTP/1.1 200 OK\r\n\r\n')
  })
  const told = []
  const hear = (message) => told.push(message)
  subscribe('undici:request:trailers', hear)
  t.after(() => unsubscribe('undici:request:trailers', hear))
  await ask(client)
  const { socket } = await client.connect({ path: 'a:1' })
  socket.destroy()
  assert.deepStrictEqual(told.map(({ timings }) => steps(timings)),
    ['queued connect requestSent firstByte end', 'queued requestSent firstByte end'])
  assert.deepStrictEqual(told.map(Object.keys), [['request', 'trailers'], ['request', 'trailers']])
})

test('a controller tells them, and the end with the end', async (t) => {
  const { client } = await meet(t, {}, async (peer) => {
    await peer.head()
    peer.send('HTTP/1.1 103 Early\r\n\r\n').answer()
  })
  const told = []
  const tell = ({ controller }) => told.push(steps(controller.timings))
  const handler = listener(2, { start: tell, head: tell, end: tell })
  client.dispatch(GET, handler)
  await handler.over
  assert.deepStrictEqual(told,
    ['', 'queued connect requestSent firstByte', 'queued connect requestSent firstByte end'])
})

test('a request that was repeated tells of its last exchange', async (t) => {
  const { client } = await meet(t, {}, async (peer) => {
    await peer.head()
    peer.send('HTTP/1.1 302 Found\r\nlocation: /there\r\ncontent-length: 0\r\n\r\n')
    await peer.head()
    peer.answer()
  })
  const redirecting = client.compose(library.interceptors.redirect({ maxRedirections: 1 }))
  assert.strictEqual(await ask(redirecting), 'queued requestSent firstByte end')
})

test('nothing is known of what was not sent: mocks and kept responses', async (t) => {
  const agent = new library.MockAgent()
  agent.disableNetConnect()
  t.after(() => agent.close())
  agent.get('http://a.test').intercept({ path: '/' }).reply(200, 'fine')
  const mocked = await agent.request({ ...GET, origin: 'http://a.test' })
  await mocked.body.dump()
  assert.strictEqual(mocked.timings, null)

  const { client } = await meet(t, {}, async (peer) => {
    await peer.head()
    peer.answer('fine', 'cache-control: max-age=60')
  })
  const caching = client.compose(library.interceptors.cache())
  assert.strictEqual(await ask(caching), 'queued connect requestSent firstByte end')
  const kept = await caching.request(GET)
  await kept.body.dump()
  assert.strictEqual(kept.timings, null)
})

test('moments beyond half an hour are told in steps of a millisecond, and beyond a month they stand still', () => {
  const coarse = (steps) => (steps | 0x80000000)
  assert.deepStrictEqual(timingsOf(0, [1, 0x7fffffff, coarse(2_097_152)], coarse(3_515_625), coarse(0x7ffffffe), NEVER), {
    queued: 0,
    dns: 1,
    connect: 0x7fffffff,
    tls: 2_097_152 * 1024,
    requestSent: 3600 * SECOND,
    firstByte: 0x7ffffffe * 1024,
    end: null
  })
})
