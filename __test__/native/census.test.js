'use strict'

// What the addon says it holds: nothing, once nothing is under way.

const { test } = require('node:test')
const assert = require('node:assert/strict')
const { EventEmitter, once } = require('node:events')
const { createServer } = require('node:http')
const { Client } = require('../..')
const { census } = require('../../lib/native/bridge')

async function serve (t, listener) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server, 'listening')
  return `http://127.0.0.1:${server.address().port}`
}

async function use (origin) {
  const client = new Client(origin, { pipelining: 4 })
  const calls = []
  for (let i = 0; i < 100; i++) {
    const signal = i % 10 === 0 ? AbortSignal.abort() : undefined
    calls.push(client.request({ path: '/', method: 'GET', signal }).then(({ body }) => body.text(), () => {}))
    calls.push(client.request({ path: '/', method: 'POST', body: 'b'.repeat(i * 100) }).then(({ body }) => body.dump()))
  }
  const { exchanges, dispatchers } = census()
  await Promise.all(calls)
  await client.close()
  return { exchanges, dispatchers }
}

test('a client leaves nothing behind: no exchange, no dispatcher, no memory', async (t) => {
  // The engine keeps heads that come again, but not longer than there are connections.
  let uses = 0
  const origin = await serve(t, (request, response) => {
    response.setHeader('x-use', uses)
    request.resume().on('end', () => response.end('a'.repeat(5000)))
  })
  await use(origin) // the tables get their size
  const before = census()
  uses++
  const { exchanges, dispatchers } = await use(origin)
  assert.deepEqual({ exchanges, dispatchers }, { exchanges: 190, dispatchers: 1 })
  assert.deepEqual(census(), before)
  assert.equal(before.exchanges, 0)
  assert.equal(before.dispatchers, 0)
})

test('a request under way is counted', async (t) => {
  const server = new EventEmitter()
  const arrived = once(server, 'request')
  const origin = await serve(t, (request, response) => server.emit('request', response))
  const client = new Client(origin)
  const answer = client.request({ path: '/', method: 'GET' })
  const [response] = await arrived
  assert.equal(census().exchanges, 1)
  response.end()
  await (await answer).body.dump()
  await client.close()
  assert.equal(census().exchanges, 0)
})
