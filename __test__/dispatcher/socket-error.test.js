'use strict'

// What the error of a failed connection tells about its request.

const { test } = require('node:test')
const assert = require('node:assert/strict')
const { once } = require('node:events')
const { createServer } = require('node:net')
const { Client, errors } = require('../..')

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'

// Answers the first `answers` requests of a connection, and then does as it was told.
async function open (t, answers, misbehave) {
  const server = createServer((socket) => {
    let left = answers
    socket.on('error', () => {}).on('data', () => left-- > 0 ? socket.write(OK) : misbehave(socket))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = new Client(`http://127.0.0.1:${server.address().port}`)
  t.after(async () => {
    await client.destroy()
    server.close()
  })
  return client
}

async function failureOf (call) {
  return call.then(() => assert.fail('it succeeded'), (error) => error)
}

test('a connection that the server ends before it answers', async (t) => {
  const client = await open(t, 0, (socket) => socket.end())
  const error = await failureOf(client.request({ path: '/', method: 'GET' }))
  assert.ok(error instanceof errors.SocketError)
  assert.equal(error.message, 'other side closed')
  assert.deepEqual([error.phase, error.reused, error.retryable], ['waiting', false, true])
  assert.deepEqual(Object.keys(error.socket), [
    'localAddress', 'localPort', 'remoteAddress', 'remotePort', 'remoteFamily', 'timeout', 'bytesWritten', 'bytesRead'
  ])
})

test('a used connection that the server resets inside the head of an answer to POST', async (t) => {
  const client = await open(t, 1, (socket) => socket.write('HTTP/1.1 20', () => socket.resetAndDestroy()))
  await (await client.request({ path: '/', method: 'POST' })).body.dump()
  const error = await failureOf(client.request({ path: '/', method: 'POST', body: 'hello' }))
  assert.equal(error.code, 'ECONNRESET')
  assert.equal(error.syscall, 'read')
  assert.ok(['head', 'waiting'].includes(error.phase)) // a reset may overtake what was written before it
  assert.deepEqual([error.reused, error.retryable], [true, false])
})

test('a body that is cut short', async (t) => {
  const client = await open(t, 0, (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello'))
  const { body } = await client.request({ path: '/', method: 'PUT' })
  const error = await failureOf(body.text())
  assert.equal(error.message, 'other side closed')
  assert.deepEqual([error.phase, error.reused, error.retryable], ['body', false, false])
})

test('an answer that is no HTTP has the code of the fault and its place', async (t) => {
  const client = await open(t, 0, (socket) => socket.end('HTTP/1.1 200 OK\r\nbad header: x\r\n\r\n'))
  const error = await failureOf(client.request({ path: '/', method: 'GET' }))
  assert.ok(error instanceof errors.HTTPParserError)
  assert.equal(error.code, 'HPE_INVALID_HEADER_TOKEN')
  assert.equal(typeof error.position, 'number')
})
