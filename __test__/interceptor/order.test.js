'use strict'

// The interceptors together: whatever their order, on whatever dispatcher, with handlers of either generation.

const assert = require('node:assert')
const { test } = require('node:test')
const { gzipSync } = require('node:zlib')
const { serve, keep, hearing } = require('../handler/server.js')
const { Agent, Client, Pool, RetryAgent, interceptors } = require('../../index.js')

const ALL = {
  retry: () => interceptors.retry({ minTimeout: 1 }),
  redirect: () => interceptors.redirect({ maxRedirections: 1 }),
  decompress: () => interceptors.decompress(),
  dns: () => interceptors.dns(),
  deduplicate: () => interceptors.deduplicate(),
  cache: () => interceptors.cache({ cacheByDefault: 60_000 })
}
const names = Object.keys(ALL)
const orders = names.flatMap((name, index) => {
  const turned = [...names.slice(index), ...names.slice(0, index)]
  return [turned, turned.toReversed()]
})

/** Fails once, leads on once, and answers then. */
function server () {
  let count = 0
  return (request, response) => {
    count++
    if (count === 1) response.writeHead(503).end('x')
    else if (count === 2) response.writeHead(302, { location: '/end' }).end('x')
    else response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('ok'))
  }
}

for (const order of orders) {
  for (const generation of [1, 2]) {
    test(`${order.join(', ')} serve a handler of generation ${generation}`, async (context) => {
      const { port } = new URL(await serve(context, server()))
      const agent = keep(context, new Agent()).compose(order.map((name) => ALL[name]()))
      const { handler, done } = hearing(generation)
      agent.dispatch({ origin: `http://localhost:${port}`, path: '/', method: 'GET' }, handler)
      assert.deepStrictEqual((await done).slice(-3), ['head 200', 'data ok', 'end'])
    })
  }
}

for (const [name, make] of Object.entries({
  Client: (origin) => new Client(origin),
  Pool: (origin) => new Pool(origin),
  Agent: () => new Agent(),
  'Agent that was composed before': () => new Agent().compose((dispatch) => (options, handler) => dispatch(options, handler)),
  'RetryAgent of an Agent': () => new RetryAgent(new Agent())
})) {
  test(`they serve request() on a ${name}`, async (context) => {
    const origin = (await serve(context, server())).replace('127.0.0.1', 'localhost')
    const dispatcher = keep(context, make(origin)).compose(names.map((one) => ALL[one]()))
    const { statusCode, body } = await dispatcher.request({ origin, path: '/', method: 'GET' })
    assert.deepStrictEqual([statusCode, await body.text()], [200, 'ok'])
  })
}
