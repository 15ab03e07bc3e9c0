'use strict'

// A client that is destroyed or closed at every point of a request's life: everything settles once, nothing stays open.

const { test } = require('node:test')
const assert = require('node:assert')
const { once } = require('node:events')
const { library, meet, never, outcome, passed, turn } = require('./server.js')
const { situations, calls, endless, blackHole } = require('./situations.js')

const patience = { timeout: 20e3 }
const isTunnel = (name) => name === 'upgrade' || name === 'connect'

for (const [moment, situation] of Object.entries(situations)) {
  for (const [name, start] of Object.entries(calls)) {
    if (isTunnel(name) && situation.hasHead) continue
    for (const reason of [null, new Error('the reason')]) {
      test(`destroy(${reason === null ? '' : 'error'}) ends ${name} that ${moment}`, patience, async (t) => {
        const { server, client } = await meet(t, undefined, ...situation.scripts)
        await situation.before?.(client, server)
        const call = start(client, { path: '/', method: 'GET', ...situation.options })
        await situation.reach({ server, call })
        assert.deepStrictEqual(call.outcomes, [])
        const destroyed = client.destroy(reason)
        const seen = await call.settled
        if (reason === null) {
          assert.strictEqual(`${seen.name} ${seen.code}: ${seen.message}`, 'ClientDestroyedError UND_ERR_DESTROYED: The client is destroyed')
        } else {
          assert.strictEqual(seen, reason)
        }
        await destroyed
        assert.ok(client.destroyed)
        for (const peer of server.peers) await peer.closed
        await turn()
        assert.strictEqual(call.outcomes.length, 1)
        assert.match(await outcome(client.request({ path: '/', method: 'GET' })), /^ClientDestroyedError UND_ERR_DESTROYED/)
        assert.match(await outcome(client.close()), /^ClientDestroyedError UND_ERR_DESTROYED/)
        assert.strictEqual(await outcome(client.destroy()), null)
      })
    }
  }
}

for (const name of ['request', 'request as a promise', 'stream', 'dispatch, generation 1', 'dispatch, generation 2']) {
  test(`destroy() ends ${name} that sends its body, and destroys the source`, patience, async (t) => {
    const { server, client } = await meet(t, undefined, async (peer) => {
      await peer.head()
      peer.pause().mark()
    })
    const source = endless()
    const call = calls[name](client, { path: '/', method: 'POST', body: source })
    const peer = await server.connection(1)
    await peer.marked
    await client.destroy()
    assert.deepStrictEqual(call.outcomes.map((one) => one.code), ['UND_ERR_DESTROYED'])
    assert.strictEqual(source.destroyed, true)
    peer.resume()
    await peer.closed
    assert.ok(!peer.received.endsWith('0\r\n\r\n'))
  })
}

test('destroy() while connecting settles every call at once', patience, async (t) => {
  const client = new library.Client(`http://127.0.0.1:${await blackHole(t)}`)
  const outcomes = Array.from({ length: 20 }, () => outcome(client.request({ path: '/', method: 'GET' })))
  await passed(t)
  await client.destroy()
  assert.deepStrictEqual([...new Set(await Promise.all(outcomes))], ['ClientDestroyedError UND_ERR_DESTROYED: The client is destroyed'])
})

test('destroy() settles what runs and what waits, each once', patience, async (t) => {
  const { server, client } = await meet(t, { pipelining: 3 }, never)
  let settled = 0
  const outcomes = Array.from({ length: 20 }, (_, n) => outcome(client.request({ path: `/${n}`, method: 'GET' })).finally(() => settled++))
  await (await server.connection(1)).heard(3)
  await client.destroy()
  assert.deepStrictEqual([...new Set(await Promise.all(outcomes))], ['ClientDestroyedError UND_ERR_DESTROYED: The client is destroyed'])
  assert.strictEqual(settled, 20)
})

test('close() answers what runs and what waits, refuses what is new, and leaves no connection', patience, async (t) => {
  const { server, client } = await meet(t)
  const outcomes = Array.from({ length: 10 }, (_, n) => outcome(client.request({ path: `/${n}`, method: 'GET' })))
  const closed = client.close()
  assert.match(await outcome(client.request({ path: '/late', method: 'GET' })), /^ClientClosedError UND_ERR_CLOSED: The client is closed/)
  assert.deepStrictEqual([...new Set(await Promise.all(outcomes))], ['200 fine'])
  assert.strictEqual(await closed, null)
  await server.peers[0].closed
  assert.strictEqual(server.peers.length, 1)
  assert.strictEqual(server.peers[0].requests, 10)
  assert.ok(client.closed && client.destroyed)
})

test('close() waits for a body that is being read', patience, async (t) => {
  const { server, client } = await meet(t, undefined, async (peer) => {
    await peer.head()
    peer.send('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfi')
    await peer.marked
    peer.send('ne')
  })
  const { body } = await client.request({ path: '/', method: 'GET' })
  let isClosed = false
  const closed = client.close().then(() => { isClosed = true })
  await passed(t)
  assert.strictEqual(isClosed, false)
  server.peers[0].mark()
  assert.strictEqual(await body.text(), 'fine')
  await closed
  await server.peers[0].closed
})

test('close() and then destroy() settles both, and what was still running', patience, async (t) => {
  const { server, client } = await meet(t, undefined, never)
  const call = outcome(client.request({ path: '/', method: 'GET' }))
  await (await server.connection(1)).heard(1)
  const closed = client.close()
  const destroyed = client.destroy()
  assert.match(await call, /^ClientDestroyedError/)
  assert.deepStrictEqual(await Promise.all([closed, destroyed]), [null, null])
})

test('close() of a client that never connected, twice, as a promise and with a callback', patience, async () => {
  const client = new library.Client('http://127.0.0.1:1')
  const called = new Promise((resolve) => client.close((...values) => resolve(values)))
  assert.deepStrictEqual([await client.close(), await called], [null, [null, null]])
})

test('a tunnel outlives close(), and destroy() leaves it alone', patience, async (t) => {
  const { client } = await meet(t, undefined, async (peer) => {
    await peer.head()
    peer.send('HTTP/1.1 200 OK\r\n\r\n')
    await peer.until('ping')
    peer.send('pong')
  })
  const { socket } = await client.connect({ path: 'a:1' })
  await client.close()
  socket.write('ping')
  const [chunk] = await once(socket, 'data')
  assert.strictEqual(String(chunk), 'pong')
  socket.destroy()
})
