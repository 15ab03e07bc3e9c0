'use strict'

// Large pieces of request bodies: what goes to the engine in shared memory comes out whole and in order, and each tray is
// free again whatever became of the request.

const { test, before, after } = require('node:test')
const assert = require('node:assert')
const http = require('node:http')
const { createHash, randomBytes } = require('node:crypto')
const { once } = require('node:events')
const { Readable } = require('node:stream')
const { setImmediate: nextTurn } = require('node:timers/promises')

// The memories that the bridge makes, by their size.
const memories = []
const SharedMemory = SharedArrayBuffer
globalThis.SharedArrayBuffer = class extends SharedMemory {
  constructor (length) {
    super(length)
    memories.push(this)
  }
}

const { Pool } = require('../..')
const { TRAYS, TRAYS_AT, TRAY_OCTETS } = require('../../lib/native/layout')

const states = () => new Int32Array(memories.find(({ byteLength }) => byteLength === TRAYS_AT + TRAYS * TRAY_OCTETS), 0, TRAYS)
const digest = (octets) => createHash('sha256').update(octets).digest('hex')
const OCTETS = randomBytes(3 * 1024 * 1024)

let server, origin
before(async () => {
  server = http.createServer((request, response) => {
    if (request.url === '/deaf') return
    const hash = createHash('sha256')
    request.on('data', (chunk) => hash.update(chunk)).on('end', () => response.end(hash.digest('hex')))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${server.address().port}`
})
after(() => server.close())

/** Those that are taken, once nothing is on its way any more. */
async function allFree () {
  while (states().some((state) => state !== 0)) {
    await nextTurn()
  }
}

function * pieces (sizes) {
  for (let at = 0, n = 0; at < OCTETS.length; n++) {
    const size = sizes[n % sizes.length]
    yield OCTETS.subarray(at, at + size)
    at += size
  }
}

for (const [name, sizes] of [
  ['of a tray each', [TRAY_OCTETS]],
  ['one octet around a tray', [TRAY_OCTETS - 1, TRAY_OCTETS + 1]],
  ['larger than all trays', [TRAYS * TRAY_OCTETS + 12345]],
  ['small and large ones', [1, 70_000, 16_383, 16_384, 200_001, 5]]
]) {
  test(`pieces: ${name}`, async (t) => {
    const pool = new Pool(origin, { connections: 8 })
    t.after(() => pool.destroy())
    const sent = digest(OCTETS)
    const answers = await Promise.all(Array.from({ length: 8 }, async (_, n) => {
      const body = n % 2 === 0 ? pieces(sizes) : Readable.from(pieces(sizes), { objectMode: false })
      const answer = await pool.request({ path: '/', method: 'POST', body })
      return answer.body.text()
    }))
    assert.deepStrictEqual(answers, Array(8).fill(sent))
    await allFree()
  })
}

test('one piece of memory, with its head and too large for that', async (t) => {
  const pool = new Pool(origin, { connections: 10, pipelining: 2 })
  t.after(() => pool.destroy())
  const sizes = [16_383, 16_384, 65_535, 65_536, 65_537, 128 * 1024, 128 * 1024 + 1, OCTETS.length]
  const bodies = Array.from({ length: 64 }, (_, n) => OCTETS.subarray(n, Math.min(OCTETS.length, n + sizes[n % sizes.length])))
  const answers = await Promise.all(bodies.map(async (body) => {
    const answer = await pool.request({ path: '/', method: 'PUT', body })
    return answer.body.text()
  }))
  assert.deepStrictEqual(answers, bodies.map(digest))
  await allFree()
})

test('an upload that ends early leaves no tray behind', { timeout: 60e3 }, async (t) => {
  for (const end of ['abort', 'destroy']) {
    const pool = new Pool(origin, { connections: 4 })
    t.after(() => pool.destroy())
    const controller = new AbortController()
    const calls = Array.from({ length: 4 }, () => pool.request({
      path: '/deaf', method: 'POST', body: Readable.from(pieces([TRAY_OCTETS])), signal: controller.signal
    }))
    const settled = Promise.allSettled(calls)
    // As much as the peer takes unread is on its way.
    while (!states().some((state) => state !== 0)) {
      await nextTurn()
    }
    if (end === 'abort') {
      controller.abort()
    } else {
      await pool.destroy()
    }
    assert.deepStrictEqual((await settled).map(({ status }) => status), Array(4).fill('rejected'))
    await allFree()
  }
})
