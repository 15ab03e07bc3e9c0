'use strict'

// Bodies that nobody reads and nobody holds: their connections must not stand still for ever.

const { test } = require('node:test')
const assert = require('node:assert/strict')
const { once } = require('node:events')
const { createServer } = require('node:http')
const { setImmediate: turn } = require('node:timers/promises')
const v8 = require('node:v8')
const vm = require('node:vm')
const { Client } = require('../..')

v8.setFlagsFromString('--expose-gc')
const collectGarbage = vm.runInNewContext('gc')

const LARGE = Buffer.alloc(4 * 1024 * 1024, 'x')

async function open (t) {
  const server = createServer((request, response) => response.end(request.url === '/large' ? LARGE : 'small'))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = new Client(`http://127.0.0.1:${server.address().port}`)
  t.after(async () => {
    await client.destroy()
    server.closeAllConnections()
    server.close()
  })
  return client
}

// Collects garbage until the promise is settled; the test's own time limit is what ends it otherwise.
async function whileCollecting (promise) {
  const outcome = { isKnown: false }
  const known = promise.finally(() => { outcome.isKnown = true })
  while (!outcome.isKnown) {
    collectGarbage()
    await turn()
  }
  return known
}

test('a body that was dropped unread frees its connection when it is garbage', { timeout: 20_000 }, async (t) => {
  const client = await open(t)
  for (let round = 0; round < 3; round++) {
    await client.request({ path: '/large', method: 'GET' })
    const { body } = await whileCollecting(client.request({ path: '/small', method: 'GET' }))
    assert.equal(await body.text(), 'small')
  }
})

test('so does one with a signal and a listener for its errors', { timeout: 20_000 }, async (t) => {
  const client = await open(t)
  const { signal } = new AbortController()
  await client.request({ path: '/large', method: 'GET', signal }).then(({ body }) => { body.on('error', () => {}) })
  const { body } = await whileCollecting(client.request({ path: '/small', method: 'GET' }))
  assert.equal(await body.text(), 'small')
})

test('a body that nobody holds but somebody listens to is read to its end', { timeout: 20_000 }, async (t) => {
  const client = await open(t)
  const whole = client.request({ path: '/large', method: 'GET' }).then(({ body }) => new Promise((resolve) => {
    let length = 0
    // Not at once: it is paused by then.
    setTimeout(() => body.on('data', (chunk) => { length += chunk.length }).on('end', () => resolve(length)), 50)
  }))
  assert.equal(await whileCollecting(whole), LARGE.length)
})

test('a body that is held unread is kept', { timeout: 20_000 }, async (t) => {
  const client = await open(t)
  const { body } = await client.request({ path: '/large', method: 'GET' })
  for (let i = 0; i < 20; i++) {
    collectGarbage()
    await turn()
  }
  assert.equal((await body.text()).length, LARGE.length)
})
