'use strict'

// Several connections of one dispatcher, counted.

const { test } = require('node:test')
const assert = require('node:assert')
const http = require('node:http')
const { once } = require('node:events')
require('../../lib/api/install')
const { EngineDispatcher } = require('../../lib/dispatcher/engine-dispatcher')

// A server that answers when it is told to, and a dispatcher with so many connections to it.
async function world (t, connections, options = {}) {
  const server = http.createServer((request, response) => {
    server.requests.push({ request, response })
    server.emit('asked')
  })
  server.requests = []
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const dispatcher = new EngineDispatcher(`http://127.0.0.1:${server.address().port}`, options, connections)
  t.after(async () => {
    await dispatcher.destroy()
    server.closeAllConnections()
    server.close()
  })
  const asked = async (count) => {
    while (server.requests.length < count) {
      await once(server, 'asked')
    }
    return server.requests.slice(0, count)
  }
  return { server, dispatcher, asked }
}

const text = async (answer) => (await answer).body.text()

test('so many requests as there may be connections are under way at a time, and the others wait', async (t) => {
  const { dispatcher, asked, server } = await world(t, 2)
  const answers = [1, 2, 3].map((number) => text(dispatcher.request({ path: `/${number}`, method: 'GET' })))
  const [first, second] = await asked(2)
  assert.deepStrictEqual([dispatcher.open, dispatcher.running, dispatcher.size], [2, 2, 3])
  assert.notStrictEqual(first.request.socket, second.request.socket)
  second.response.end('second')
  const [, , third] = await asked(3)
  assert.strictEqual(third.request.socket, second.request.socket)
  third.response.end('third')
  first.response.end('first')
  assert.deepStrictEqual((await Promise.all(answers)).sort(), ['first', 'second', 'third'])
  assert.strictEqual(server.requests.length, 3)
})

test('without a bound each request that waits gets a connection', async (t) => {
  const { dispatcher, asked } = await world(t, Infinity)
  const answers = Array.from({ length: 20 }, () => text(dispatcher.request({ path: '/', method: 'GET' })))
  for (const { response } of await asked(20)) {
    response.end()
  }
  await Promise.all(answers)
  assert.strictEqual(dispatcher.open, 20)
})

test('dispatch returns false once as many requests wait as connections may be opened', async (t) => {
  const { dispatcher } = await world(t, 3)
  const handler = { onRequestStart () {}, onResponseStart () {}, onResponseData () {}, onResponseEnd () {}, onResponseError () {} }
  const returned = [1, 2, 3, 4].map(() => dispatcher.dispatch({ path: '/', method: 'GET' }, handler))
  assert.deepStrictEqual(returned, [true, true, false, false])
})

test('aborts of several requests of one connection leave the other connection to those that come', async (t) => {
  const { dispatcher, server } = await world(t, 2, { pipelining: 3 })
  server.on('request', (request, response) => {
    if (request.url !== '/held') {
      response.end()
    }
  })
  const aborter = new AbortController()
  const held = Array.from({ length: 6 }, () => dispatcher.request({ path: '/held', method: 'GET', signal: aborter.signal }))
  const settled = Promise.allSettled(held)
  while (server.requests.length < 2) {
    await once(server, 'asked')
  }
  aborter.abort()
  await settled
  const answers = Array.from({ length: 12 }, () => text(dispatcher.request({ path: '/', method: 'GET' })))
  assert.strictEqual((await Promise.all(answers)).length, 12)
})

test('answers whose end is not read yet leave the connections that came after theirs to the others', async (t) => {
  const { dispatcher, server } = await world(t, 2)
  server.on('request', (request, response) => response.end('.'))
  const controllers = []
  const ends = []
  for (let number = 0; number < 2; number++) {
    const disconnected = once(dispatcher, 'disconnect')
    ends.push(new Promise((resolve) => {
      dispatcher.dispatch({ path: '/paused', method: 'GET', reset: true }, {
        onRequestStart (controller) { controllers.push(controller) },
        onResponseStart (controller) { controller.pause() },
        onResponseData () {},
        onResponseEnd: resolve,
        onResponseError () {}
      })
    }))
    await disconnected
  }
  assert.strictEqual(await text(dispatcher.request({ path: '/', method: 'GET' })), '.')
  controllers.forEach((controller) => controller.resume())
  await Promise.all(ends)
})

test('of several connections only what they have in common is told', async (t) => {
  const { dispatcher, asked, server } = await world(t, 2)
  const answers = [1, 2].map(() => text(dispatcher.request({ path: '/', method: 'GET' })))
  for (const { response } of await asked(2)) {
    response.end()
  }
  await Promise.all(answers)
  const { localPort, remoteAddress, remotePort } = dispatcher.route.session
  assert.deepStrictEqual({ localPort, remoteAddress, remotePort }, {
    localPort: undefined, remoteAddress: '127.0.0.1', remotePort: server.address().port
  })
})
