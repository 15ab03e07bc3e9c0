'use strict'

// `expectContinue`: the body waits until the server asks for it.

const { test } = require('node:test')
const assert = require('node:assert/strict')
const { once } = require('node:events')
const { createServer } = require('node:http')
const { Readable } = require('node:stream')
const { Client } = require('../..')

// Answers with what it got; refuses what goes to /refused before it has seen the body.
async function open (t) {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => { body += chunk }).on('end', () => response.end(`${request.headers.expect}: ${body}`))
  })
  server.on('checkContinue', (request, response) => {
    if (request.url === '/refused') {
      response.writeHead(417).end('refused')
    } else {
      response.writeContinue()
      server.emit('request', request, response)
    }
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = new Client(`http://127.0.0.1:${server.address().port}`)
  t.after(async () => {
    await client.close()
    server.closeAllConnections()
    server.close()
  })
  return client
}

for (const [name, body, told] of [
  ['a string', () => 'hello', '100-continue: hello'],
  ['a stream', () => Readable.from(['hel', 'lo']), '100-continue: hello'],
  ['an async iterable', () => (async function * () { yield 'hello' })(), '100-continue: hello'],
  ['no body', () => undefined, 'undefined: ']
]) {
  test(`${name}: sent when the server asks for it`, async (t) => {
    const client = await open(t)
    const response = await client.request({ path: '/', method: 'POST', expectContinue: true, body: body() })
    assert.equal(await response.body.text(), told)
  })
}

test('a body that the server refuses is not sent, its source is destroyed, and the next request is served', async (t) => {
  const client = await open(t)
  const body = Readable.from(['hello'])
  const refusal = await client.request({ path: '/refused', method: 'POST', expectContinue: true, body })
  assert.equal(refusal.statusCode, 417)
  assert.equal(await refusal.body.text(), 'refused')
  assert.equal(body.destroyed, true)
  const response = await client.request({ path: '/', method: 'POST', expectContinue: true, body: 'again' })
  assert.equal(await response.body.text(), '100-continue: again')
})
