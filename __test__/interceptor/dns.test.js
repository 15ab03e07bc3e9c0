'use strict'

// The dns interceptor over several requests: which address is whose turn, how long one is kept, and where.

const assert = require('node:assert')
const { test } = require('node:test')
const { serve, keep, hearing } = require('../handler/server.js')
const { Agent, interceptors } = require('../../index.js')

/** Sends requests for names, one after the other; gives the addresses that were asked for. */
async function asked (options, origins = ['http://a.test', 'http://a.test', 'http://a.test', 'http://a.test'], more = {}) {
  const seen = []
  const dispatch = interceptors.dns(options)((request, handler) => {
    seen.push(request.origin)
    handler.onResponseEnd(null, {})
    return true
  })
  for (const origin of origins) {
    const { handler, done } = hearing(2)
    dispatch({ origin, path: '/', method: 'GET', ...more }, handler)
    await done
  }
  return seen
}

function lookingUp (addresses, count = { lookups: 0 }) {
  return {
    count,
    lookup (origin, options, callback) {
      count.lookups++
      callback(null, addresses.map(([address, family, ttl]) => ({ address, family, ttl })))
    }
  }
}

const FOUR = [['192.0.2.1', 4], ['192.0.2.2', 4]]
const BOTH = [...FOUR, ['2001:db8::1', 6]]

test('the addresses of a name take turns', async () => {
  const { lookup, count } = lookingUp(FOUR)
  assert.deepStrictEqual(await asked({ lookup }), ['http://192.0.2.1', 'http://192.0.2.2', 'http://192.0.2.1', 'http://192.0.2.2'])
  assert.strictEqual(count.lookups, 1)
})

test('the families take turns', async () => {
  const { lookup } = lookingUp(BOTH)
  assert.deepStrictEqual(await asked({ lookup }), ['http://192.0.2.1', 'http://[2001:db8::1]', 'http://192.0.2.2', 'http://[2001:db8::1]'])
})

test('an affinity prefers its family', async () => {
  const { lookup } = lookingUp(BOTH)
  assert.deepStrictEqual(await asked({ lookup, affinity: 6 }, ['http://a.test', 'http://a.test']), ['http://[2001:db8::1]', 'http://[2001:db8::1]'])
})

test('a request may have an affinity of its own', async () => {
  const { lookup } = lookingUp(BOTH)
  assert.deepStrictEqual(await asked({ lookup }, ['http://a.test'], { dns: { affinity: 6 } }), ['http://[2001:db8::1]'])
})

test('without dualStack there is the fourth version alone', async () => {
  const { lookup } = lookingUp(BOTH)
  assert.deepStrictEqual(await asked({ lookup, dualStack: false }, ['http://a.test', 'http://a.test', 'http://a.test']), ['http://192.0.2.1', 'http://192.0.2.2', 'http://192.0.2.1'])
})

test('an address is looked up again when it is too old', async (context) => {
  context.mock.timers.enable({ apis: ['Date'], now: 1_000_000 })
  const { lookup, count } = lookingUp([['192.0.2.1', 4, 500]])
  const options = { lookup, maxTTL: 1000 }
  const seen = []
  const dispatch = interceptors.dns(options)((request, handler) => { seen.push(request.origin); return true })
  const ask = () => dispatch({ origin: 'http://a.test', path: '/', method: 'GET' }, hearing(2).handler)
  ask()
  context.mock.timers.tick(500)
  ask()
  assert.strictEqual(count.lookups, 1)
  context.mock.timers.tick(1)
  ask()
  assert.strictEqual(count.lookups, 2)
  assert.strictEqual(seen.length, 3)
})

test('no address is kept longer than maxTTL', async (context) => {
  context.mock.timers.enable({ apis: ['Date'], now: 1_000_000 })
  const { lookup, count } = lookingUp([['192.0.2.1', 4, 60_000]])
  const dispatch = interceptors.dns({ lookup, maxTTL: 1000 })(() => true)
  const ask = () => dispatch({ origin: 'http://a.test', path: '/', method: 'GET' }, hearing(2).handler)
  ask()
  context.mock.timers.tick(1001)
  ask()
  assert.strictEqual(count.lookups, 2)
})

test('no more names than maxItems are kept', async () => {
  const { lookup, count } = lookingUp(FOUR)
  assert.deepStrictEqual(await asked({ lookup, maxItems: 1 }, ['http://a.test', 'http://b.test', 'http://a.test']), ['http://192.0.2.1', 'http://b.test', 'http://192.0.2.2'])
  assert.strictEqual(count.lookups, 1)
})

test('a storage of the user\'s keeps what was found', async () => {
  const kept = []
  const map = new Map()
  const storage = {
    get: (name) => map.get(name) ?? null,
    set (name, records, { ttl }) { kept.push([name, ttl, Object.keys(records.records)]); map.set(name, records) },
    delete: (name) => map.delete(name),
    full: () => false
  }
  const { lookup } = lookingUp([['192.0.2.1', 4, 500], ['2001:db8::1', 6, 700]])
  await asked({ lookup, storage, maxTTL: 600 }, ['http://a.test:81', 'http://a.test:81'])
  assert.deepStrictEqual(kept, [['a.test', 500, ['4', '6']]])
})

test('the name is the server name for TLS, unless the request has another', async () => {
  const seen = []
  const { lookup } = lookingUp(FOUR)
  const dispatch = interceptors.dns({ lookup })(({ origin, servername, headers }) => { seen.push([origin, servername, headers]); return true })
  dispatch({ origin: new URL('https://a.test:444'), path: '/', method: 'GET' }, hearing(2).handler)
  dispatch({ origin: 'https://a.test', path: '/', method: 'GET', servername: 'b.test' }, hearing(2).handler)
  assert.deepStrictEqual(seen, [['https://192.0.2.1:444', 'a.test', { host: 'a.test:444' }], ['https://192.0.2.2', 'b.test', { host: 'a.test' }]])
})

test('the lookup of the system is the default', async (context) => {
  const origin = await serve(context, (request, response) => response.end(request.headers.host))
  const { port } = new URL(origin)
  const agent = keep(context, new Agent()).compose(interceptors.dns())
  const { body } = await agent.request({ origin: `http://localhost:${port}`, path: '/', method: 'GET' })
  assert.strictEqual(await body.text(), `localhost:${port}`)
})

test('a handler of the first generation hears that a lookup failed', async (context) => {
  const agent = keep(context, new Agent()).compose(interceptors.dns({ lookup: (origin, options, callback) => callback(new Error('no such name')) }))
  const { handler, done } = hearing(1)
  agent.dispatch({ origin: 'http://a.test', path: '/', method: 'GET' }, handler)
  assert.deepStrictEqual(await done, ['error no such name'])
})
