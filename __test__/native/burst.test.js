'use strict'

// More requests in one tick than the ring has room for: what waits is sent all the same, each with its own content, and
// what becomes of one of them in that tick concerns no other.

const { test, before, after } = require('node:test')
const assert = require('node:assert/strict')
const http = require('node:http')
const { once } = require('node:events')
const { Pool } = require('../..')

// Twice what the ring has room for, and bodies of all sizes that travel in a record, and some that do not.
const REQUESTS = 4000
const SIZES = [0, 1, 7, 8, 9, 100, 1000]
const LARGE = 60 * 1024
const bodyOf = (n) => String(n).padEnd(n % 1000 === 500 ? LARGE : SIZES[n % SIZES.length], 'x')

let server, origin, served
before(async () => {
  server = http.createServer(async (request, response) => {
    served.push(Number(request.url.slice(1)))
    const chunks = await request.toArray()
    response.end(`${request.url} ${Buffer.concat(chunks)}`)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${server.address().port}`
})
after(() => server.close())

/** Many in one tick. Returns what each answered, or the code that it failed with. */
function burst (pool, optionsOf = () => {}) {
  served = []
  return Promise.all(Array.from({ length: REQUESTS }, async (_, n) => {
    const method = n % 2 === 0 ? 'POST' : 'GET'
    const body = n % 2 === 0 ? bodyOf(n) : null
    try {
      const answer = await pool.request({ path: `/${n}`, method, body, ...optionsOf(n) })
      return await answer.body.text()
    } catch (error) {
      return error.name
    }
  }))
}

const expected = (n) => `/${n} ${n % 2 === 0 ? bodyOf(n) : ''}`

test('thousands of requests in one tick are answered, each for itself', async () => {
  const pool = new Pool(origin, { connections: 20 })
  const answers = await burst(pool)
  answers.forEach((answer, n) => assert.equal(answer, expected(n)))
  await pool.close()
})

test('they are sent in the order in which they were made', async () => {
  const pool = new Pool(origin, { connections: 1 })
  await burst(pool)
  assert.deepEqual(served, Array.from({ length: REQUESTS }, (_, n) => n))
  await pool.close()
})

test('one that is aborted in the same tick, behind the others, fails alone and is not sent', async () => {
  const pool = new Pool(origin, { connections: 20 })
  const controllers = new Map()
  const answering = burst(pool, (n) => {
    if (n % 10 !== 3 || n < 100) return
    controllers.set(n, new AbortController())
    return { signal: controllers.get(n).signal }
  })
  for (const controller of controllers.values()) controller.abort()
  const answers = await answering
  answers.forEach((answer, n) => assert.equal(answer, controllers.has(n) ? 'AbortError' : expected(n)))
  assert.deepEqual(served.filter((n) => controllers.has(n)), [])
  await pool.close()
})
