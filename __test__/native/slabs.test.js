'use strict'

// Large pieces of bodies come in memory that their user keeps, or that is used again where he does not.

const { test } = require('node:test')
const assert = require('node:assert')
const { createHash } = require('node:crypto')
const { once } = require('node:events')
const http = require('node:http')
const { Client } = require('../..')
const { Slabs } = require('../../lib/native/slabs')
const { LARGE_SLABS, LARGE_SLAB_OCTETS, SLABS, SLAB_OCTETS } = require('../../lib/native/layout')

const LENGTH = 8 * 1024 * 1024

// Octets that tell where they are from.
function contentOf (number) {
  const content = Buffer.alloc(LENGTH)
  for (let at = 0; at < LENGTH; at += 4) content.writeUInt32LE((at ^ number) >>> 0, at)
  return content
}

const digestOf = (...chunks) => chunks.reduce((hash, chunk) => hash.update(chunk), createHash('sha256')).digest('hex')

async function withServer (use) {
  const server = http.createServer((request, response) => response.end(contentOf(Number(request.url.slice(1))))).listen(0)
  await once(server, 'listening')
  const client = new Client(`http://localhost:${server.address().port}`)
  try {
    await use(client)
  } finally {
    await client.close()
    server.close()
  }
}

test('chunks that are kept stay as they were, whatever comes after them', () => withServer(async (client) => {
  const kept = []
  for (let number = 1; number <= 3; number++) {
    const { body } = await client.request({ path: `/${number}`, method: 'GET' })
    const chunks = []
    for await (const chunk of body) chunks.push(chunk)
    kept.push(chunks)
  }
  assert.deepStrictEqual(kept.map((chunks) => digestOf(...chunks)), [1, 2, 3].map((number) => digestOf(contentOf(number))))
}))

test('whoever has a chunk may write to it, and detach it', () => withServer(async (client) => {
  const { body } = await client.request({ path: '/1', method: 'GET' })
  const hash = createHash('sha256')
  for await (const chunk of body) {
    hash.update(chunk)
    chunk.fill(0)
    if (chunk.byteLength === chunk.buffer.byteLength) structuredClone(chunk.buffer, { transfer: [chunk.buffer] })
  }
  const { body: next } = await client.request({ path: '/2', method: 'GET' })
  assert.strictEqual(hash.digest('hex'), digestOf(contentOf(1)))
  assert.strictEqual(digestOf(Buffer.from(await next.arrayBuffer())), digestOf(contentOf(2)))
}))

test('bodies that are put together, dropped and read side by side come out whole', () => withServer(async (client) => {
  const get = async (number) => (await client.request({ path: `/${number}`, method: 'GET' })).body
  const [text, dropped, read] = await Promise.all([
    get(1).then((body) => body.bytes()),
    get(2).then((body) => body.dump({ limit: LENGTH })),
    get(3).then((body) => body.toArray())
  ])
  assert.strictEqual(digestOf(text), digestOf(contentOf(1)))
  assert.strictEqual(dropped, undefined)
  assert.strictEqual(digestOf(...read), digestOf(contentOf(3)))
}))

test('a slab is lent again unless what was in it was kept', () => {
  const lent = []
  const slabs = new Slabs((place, slab) => lent.push([place, slab]))
  slabs.wanted()
  assert.deepStrictEqual(lent.map(([place, slab]) => [place, slab.length]),
    Array.from({ length: SLABS + LARGE_SLABS }, (_, place) => [place, place < SLABS ? SLAB_OCTETS : LARGE_SLAB_OCTETS]))
  const [, first] = lent[0]

  const left = slabs.take(0)
  assert.strictEqual(left.octets, first)
  slabs.settle(0, left)
  assert.strictEqual(lent.at(-1)[1], first)

  const taken = slabs.take(0)
  assert.strictEqual(taken.keep(0, SLAB_OCTETS), first)
  slabs.settle(0, taken)
  assert.notStrictEqual(lent.at(-1)[1], first)
  assert.strictEqual(lent.at(-1)[0], 0)

  slabs.wanted()
  assert.strictEqual(lent.length, SLABS + LARGE_SLABS + 2)
})
