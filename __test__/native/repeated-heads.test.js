'use strict'

const { test } = require('node:test')
const assert = require('node:assert/strict')
const net = require('node:net')
const { once } = require('node:events')
const { Client, Pool } = require('../..')

// A server that answers each request with what `answer` makes of its path.
async function serve (t, answer) {
  const server = net.createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      for (const [, path] of String(chunk).matchAll(/^GET (\S+) /gm)) {
        socket.write(answer(path), 'latin1')
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return `http://127.0.0.1:${server.address().port}`
}

const head = (fields, body = '') => `HTTP/1.1 200 OK\r\n${fields}content-length: ${body.length}\r\n\r\n${body}`

async function get (dispatcher, path = '/') {
  const { statusCode, statusText, headers, body } = await dispatcher.request({ path, method: 'GET' })
  return { statusCode, statusText, headers, text: await body.text() }
}

test('a head that comes again belongs to each response alone', async (t) => {
  const origin = await serve(t, () => head('X-A: 1\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\n', 'text'))
  const client = new Client(origin)
  t.after(() => client.close())
  for (let time = 0; time < 4; time++) {
    const { statusCode, statusText, headers, text } = await get(client)
    assert.deepEqual([statusCode, statusText, text], [200, 'OK', 'text'])
    assert.deepEqual(headers, { 'x-a': '1', 'set-cookie': ['a=b', 'c=d'], 'content-length': '4' })
    headers['set-cookie'].push('e=f')
    headers['x-a'] = '2'
    headers['x-b'] = '3'
  }
})

test('heads that differ in one octet, a case or the place of a boundary are told apart', async (t) => {
  const answers = ['ab: c\r\n', 'ab: d\r\n', 'Ab: c\r\n', 'a: bc\r\n', 'a: b\r\nc: \r\n', '']
  const origin = await serve(t, (path) => head(answers[path.slice(1)]))
  const client = new Client(origin)
  t.after(() => client.close())
  for (let time = 0; time < 3; time++) {
    for (const [index, fields] of answers.entries()) {
      const { headers } = await client.request({ path: `/${index}`, method: 'GET', responseHeaders: 'raw' })
      const wanted = `${fields}content-length: 0\r\n`.split('\r\n').slice(0, -1).flatMap((line) => line.split(/: ?/))
      assert.deepEqual(headers, wanted)
    }
  }
})

test('the status and the reason are those of each response', async (t) => {
  const lines = ['200 OK', '200 Fine', '404 OK', '500 ']
  const origin = await serve(t, (path) => `HTTP/1.1 ${lines[path.slice(1)]}\r\ncontent-length: 0\r\n\r\n`)
  const client = new Client(origin)
  t.after(() => client.close())
  for (let time = 0; time < 3; time++) {
    for (const [index, line] of lines.entries()) {
      const { statusCode, statusText } = await get(client, `/${index}`)
      assert.equal(`${statusCode} ${statusText}`, line)
    }
  }
})

test('a head that nobody was there to hear is known when it comes again', async (t) => {
  const origin = await serve(t, () => head('x-a: 1\r\n', 'text'))
  const pool = new Pool(origin, { connections: 4 })
  t.after(() => pool.close())
  const aborts = []
  for (let time = 0; time < 50; time++) {
    const controller = new AbortController()
    const asked = pool.request({ path: '/', method: 'GET', signal: controller.signal })
    aborts.push(asked.then(({ body }) => body.dump(), (error) => assert.equal(error.name, 'AbortError')))
    // At some of these moments the answer is on its way between the threads.
    setImmediate(() => setImmediate(() => controller.abort()))
    await new Promise(setImmediate)
  }
  await Promise.all(aborts)
  assert.deepEqual((await get(pool)).headers, { 'x-a': '1', 'content-length': '4' })
})

test('more heads than are kept, and larger ones, are all told', async (t) => {
  const origin = await serve(t, (path) => head(`x-path: ${path}\r\nx-long: ${'y'.repeat(path.length > 4 ? 4000 : 4)}\r\n`))
  const client = new Client(origin)
  t.after(() => client.close())
  for (let time = 0; time < 2; time++) {
    for (let index = 0; index < 300; index++) {
      const path = `/${index}${index % 7 ? '' : '-long'}`
      // The engine tells by their numbers those that come a third time.
      for (let again = 0; again < 3; again++) {
        const { headers } = await get(client, path)
        assert.deepEqual([headers['x-path'], headers['x-long'].length], [path, path.length > 4 ? 4000 : 4])
      }
    }
  }
})
