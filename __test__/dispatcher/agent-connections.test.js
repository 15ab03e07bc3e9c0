'use strict'

// The connections that all origins of an Agent share: `maxConnections` and `maxIdleConnections`.

const { test } = require('node:test')
const assert = require('node:assert/strict')
const { once } = require('node:events')
const { createServer } = require('node:http')
const { Agent, errors } = require('../..')

// So many origins, and how many connections they had at a time, all together.
async function open (t, many, options) {
  const gauge = { now: 0, most: 0 }
  const servers = []
  for (let index = 0; index < many; index++) {
    const server = createServer((request, response) => response.end(`${index}`))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    servers.push(server)
  }
  const agent = new Agent(options)
  agent.on('connect', () => { gauge.most = Math.max(gauge.most, ++gauge.now) })
  agent.on('disconnect', () => gauge.now--)
  t.after(async () => {
    await agent.destroy()
    for (const server of servers) server.close()
  })
  const origins = servers.map((server) => `http://127.0.0.1:${server.address().port}`)
  const get = async (index) => {
    const { body } = await agent.request({ origin: origins[index], path: '/', method: 'GET' })
    assert.equal(await body.text(), `${index}`)
  }
  return { agent, get, gauge }
}

test('no more than maxConnections are open over all origins, and every request is served', async (t) => {
  const { get, gauge } = await open(t, 4, { maxConnections: 3 })
  await Promise.all(Array.from({ length: 60 }, (_, index) => get(index % 4)))
  assert.equal(gauge.most, 3)
})

test('one connection serves all origins in turn', async (t) => {
  const { get } = await open(t, 3, { maxConnections: 1 })
  for (let index = 0; index < 9; index++) await get(index % 3)
})

test('no more than maxIdleConnections stay', async (t) => {
  const { agent, get, gauge } = await open(t, 3, { maxIdleConnections: 2 })
  const disconnected = once(agent, 'disconnect')
  await Promise.all([0, 1, 2].map(get))
  const [, , error] = await disconnected
  assert.equal(error.message, 'idle connection closed to make room')
  assert.equal(gauge.now, 2)
  await Promise.all([0, 1].map(get))
})

test('a bound that is no positive integer is refused', () => {
  for (const maxConnections of [0, -1, 1.5, NaN, '2']) {
    assert.throws(() => new Agent({ maxConnections }), errors.InvalidArgumentError)
  }
  for (const maxIdleConnections of [-1, 1.5, NaN, '2']) {
    assert.throws(() => new Agent({ maxIdleConnections }), errors.InvalidArgumentError)
  }
})
