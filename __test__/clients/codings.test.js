'use strict'

// Fastify with @fastify/compress as the origin: each coding that it speaks, chosen by what is accepted, through
// interceptors.decompress.

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const zlib = require('node:zlib')
const { Readable } = require('node:stream')
const { Agent, interceptors } = require('../../index.js')

const TEXT = JSON.stringify({ text: 'dodici è dodici, '.repeat(20_000) })
const codings = ['gzip', 'deflate', 'br', ...zlib.createZstdCompress === undefined ? [] : ['zstd']]

async function open (t) {
  const fastify = require('fastify')()
  await fastify.register(require('@fastify/compress'), { encodings: [...codings, 'identity'] })
  fastify.get('/whole', (request, reply) => reply.type('application/json').send(TEXT))
  fastify.get('/stream', (request, reply) => reply.type('text/plain').send(Readable.from(TEXT.match(/[^]{1,5000}/g))))
  const origin = await fastify.listen({ port: 0, host: '127.0.0.1' })
  const agent = new Agent()
  t.after(async () => {
    await agent.destroy()
    await fastify.close()
  })
  return { origin, agent }
}

for (const coding of codings) {
  describe(`Fastify with ${coding}`, () => {
    for (const path of ['/whole', '/stream']) {
      test(`${path} arrives as it was written`, async (t) => {
        const { origin, agent } = await open(t)
        const options = { origin, path, method: 'GET', headers: { 'accept-encoding': coding } }
        const raw = await agent.request(options)
        assert.equal(raw.headers['content-encoding'], coding)
        const octets = await raw.body.arrayBuffer()
        assert.ok(octets.byteLength < TEXT.length / 10)
        const { headers, body } = await agent.compose(interceptors.decompress()).request(options)
        assert.equal(headers['content-encoding'], undefined)
        assert.equal(await body.text(), TEXT)
      })
    }

    test('many at once, some of which nobody reads to their end', async (t) => {
      const { origin, agent } = await open(t)
      const decoding = agent.compose(interceptors.decompress())
      const lengths = await Promise.all(Array.from({ length: 30 }, async (_, index) => {
        const { body } = await decoding.request({ origin, path: '/stream', method: 'GET', headers: { 'accept-encoding': coding } })
        if (index % 3 === 0) {
          body.on('error', () => {}).destroy()
          return TEXT.length
        }
        return (await body.text()).length
      }))
      assert.deepEqual(new Set(lengths), new Set([TEXT.length]))
    })
  })
}
