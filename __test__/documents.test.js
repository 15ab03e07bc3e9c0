'use strict'

// The examples of the Dispatcher document that need another package: a Fastify route that streams the answer of a
// second server into its own reply.

const assert = require('node:assert')
const { once } = require('node:events')
const { createServer } = require('node:http')
const { test } = require('node:test')
const fastify = require('fastify')
const { Client } = require('..')

test('stream() writes an answer into the raw response of Fastify, which opaque carries to the factory', async (t) => {
  const upstream = createServer((_request, response) => response.end('Hello, World! From Node.js HTTP Server'))
  upstream.listen(0)
  await once(upstream, 'listening')
  const toUpstream = new Client(`http://localhost:${upstream.address().port}`)

  const application = fastify()
  application.route({
    url: '/',
    method: 'GET',
    handler: (_request, reply) => {
      toUpstream.stream({ path: '/', method: 'GET', opaque: reply }, ({ opaque }) => opaque.raw)
    }
  })
  await application.listen()
  const toApplication = new Client(`http://localhost:${application.server.address().port}`)
  t.after(async () => {
    await Promise.all([toUpstream.close(), toApplication.close()])
    await application.close()
    upstream.close()
  })

  const { statusCode, body } = await toApplication.request({ path: '/', method: 'GET' })
  assert.strictEqual(statusCode, 200)
  body.setEncoding('utf8')
  const chunks = []
  body.on('data', (chunk) => chunks.push(chunk))
  await once(body, 'end')
  assert.ok(chunks.every((chunk) => typeof chunk === 'string'))
  assert.strictEqual(chunks.join(''), 'Hello, World! From Node.js HTTP Server')
})
