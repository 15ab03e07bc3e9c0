'use strict'

// The socket that is left of a connection when it has left HTTP.

const { test } = require('node:test')
const assert = require('node:assert')
const { once } = require('node:events')
const http = require('node:http')
const net = require('node:net')
const { setImmediate: nextTurn } = require('node:timers/promises')
const { Client } = require('../..')

test('a socket that was upgraded has no session: that would say that it is one of HTTP/2', async (t) => {
  const server = http.createServer().listen(0, '127.0.0.1')
  server.on('upgrade', (_request, socket) => {
    socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: twelve\r\n\r\n')
  })
  await once(server, 'listening')
  const client = new Client(`http://127.0.0.1:${server.address().port}`)
  t.after(async () => {
    await client.destroy()
    server.close()
  })
  const { socket } = await client.upgrade({ path: '/', protocol: 'twelve' })
  assert.strictEqual(socket.session, undefined)
  assert.strictEqual(socket.remotePort, server.address().port)
  socket.destroy()
})

test('an end that comes with the head is heard by whoever awaits the socket', async (t) => {
  const server = net.createServer((socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\n')))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = new Client(`http://127.0.0.1:${server.address().port}`)
  t.after(async () => {
    await client.destroy()
    server.close()
  })
  const { socket } = await client.connect({ path: 'name.test:443' })
  await once(socket.resume(), 'end')
})

test('a socket is read although its exchange was paused', { timeout: 30e3 }, async (t) => {
  let start
  const started = new Promise((resolve) => { start = resolve })
  const server = http.createServer().listen(0, '127.0.0.1')
  server.on('upgrade', async (_request, socket) => {
    await started
    socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: twelve\r\n\r\nthe first')
  })
  await once(server, 'listening')
  const client = new Client(`http://127.0.0.1:${server.address().port}`)
  t.after(async () => {
    await client.destroy()
    server.close()
  })
  const socket = await new Promise((resolve, reject) => client.dispatch({ path: '/', method: 'GET', upgrade: 'twelve' }, {
    async onRequestStart (controller) {
      controller.pause()
      // The engine is told of it at the end of the turn.
      await nextTurn()
      start()
    },
    onRequestUpgrade: (_controller, _status, _headers, socket) => resolve(socket),
    onResponseError: (_controller, error) => reject(error)
  }))
  assert.strictEqual(Buffer.concat(await socket.toArray()).toString(), 'the first')
})
