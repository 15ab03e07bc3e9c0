'use strict'

// What the dispatchers above a client promise beyond undici's: contexts, factories of the user, aborts that wait, ends.

const { test } = require('node:test')
const assert = require('node:assert')
const http = require('node:http')
const { AsyncLocalStorage } = require('node:async_hooks')
const { once } = require('node:events')
const { Agent, BalancedPool, Client, Dispatcher, Pool, RoundRobinPool } = require('../..')

async function listen (t, answer) {
  const server = http.createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  server.origin = `http://127.0.0.1:${server.address().port}`
  return server
}

const echo = (request, response) => response.end(request.url)
const get = (origin, path = '/') => ({ origin, path, method: 'GET' })
const text = async (answer) => (await answer).body.text()

test('a request that waits in a composition is heard in the context of its caller', async (t) => {
  const { origin } = await listen(t, echo)
  const pool = new Pool(origin, { connections: 1, factory: (url, options) => new Client(url, options) })
  const storage = new AsyncLocalStorage()
  const seen = await Promise.all([1, 2, 3].map((number) => storage.run(number, () => new Promise((resolve, reject) => {
    pool.dispatch(get(origin), {
      onRequestStart () {},
      onResponseStart () {},
      onResponseData () {},
      onResponseEnd () { resolve(storage.getStore()) },
      onResponseError (controller, error) { reject(error) }
    })
  }))))
  assert.deepStrictEqual(seen, [1, 2, 3])
  await pool.close()
})

test('a request that was refused as wrong does not make a composition wait', async (t) => {
  const { origin } = await listen(t, echo)
  for (const make of [
    () => new Pool(origin, { connections: 1, factory: (url, options) => new Client(url, options) }),
    () => new RoundRobinPool(origin, { connections: 1 }),
    () => new BalancedPool(origin, { connections: 1 })
  ]) {
    const pool = make()
    await assert.rejects(pool.request({ path: 'wrong', method: 'GET' }), { code: 'UND_ERR_INVALID_ARG' })
    assert.strictEqual(await text(pool.request(get(origin, '/right'))), '/right')
    await pool.close()
  }
})

test('clientTtl takes a client out once it is old, and another takes its place', async (t) => {
  const { origin } = await listen(t, echo)
  let now = 1000
  t.mock.method(Date, 'now', () => now)
  const pool = new Pool(origin, { connections: 1, clientTtl: 100 })
  const clients = []
  pool.on('connect', (url, [, client]) => clients.push(client))
  await text(pool.request(get(origin)))
  now += 100
  await text(pool.request(get(origin)))
  assert.strictEqual(clients.length, 1)
  now += 1
  const disconnected = once(pool, 'disconnect')
  await text(pool.request(get(origin)))
  const [, targets] = await disconnected
  assert.deepStrictEqual([clients.length, targets[1] === clients[0], clients[0].destroyed], [2, true, true])
  await pool.close()
})

test('a pool of a user\'s class dispatches with the user\'s method', async (t) => {
  const { origin } = await listen(t, echo)
  for (const Base of [Pool, Agent, RoundRobinPool, BalancedPool]) {
    class Prefixed extends Base {
      dispatch (options, handler) {
        return super.dispatch({ ...options, path: `/prefixed${options.path}` }, handler)
      }
    }
    const pool = Base === Agent ? new Prefixed() : new Prefixed(origin)
    assert.strictEqual(await text(pool.request(get(origin))), '/prefixed/')
    await pool.close()
  }
})

test('the methods of a BalancedPool work on one with interceptors', () => {
  const pool = new BalancedPool('http://a.test').compose((dispatch) => (options, handler) => dispatch(options, handler))
  pool.addUpstream('http://b.test')
  assert.deepStrictEqual(pool.upstreams, ['http://a.test', 'http://b.test'])
  pool.removeUpstream('http://a.test')
  assert.deepStrictEqual([pool.upstreams, pool.getUpstream('http://a.test')], [['http://b.test'], undefined])
})

test('a dispatcher of the user that has only dispatch has all calls and compose', async (t) => {
  const { origin } = await listen(t, echo)
  const client = new Client(origin)
  class Own extends Dispatcher {
    dispatch (options, handler) {
      return client.dispatch(options, handler)
    }
  }
  const composed = new Own().compose((dispatch) => (options, handler) => dispatch({ ...options, path: '/composed' }, handler))
  assert.strictEqual(await text(new Own().request(get(origin, '/own'))), '/own')
  assert.strictEqual(await text(composed.request(get(origin))), '/composed')
  await client.close()
})

test('a request that waits in a Pool and is aborted is heard at once and never sent', async (t) => {
  const asked = []
  const server = await listen(t, (request, response) => {
    asked.push(request.url)
    server.emit('asked', response)
  })
  const { origin } = await listen(t, echo)
  const pool = new Pool(server.origin, { connections: 1 })
  const isAsked = once(server, 'asked')
  const first = pool.request(get(server.origin, '/first'))
  const aborter = new AbortController()
  const second = pool.request({ ...get(server.origin, '/second'), signal: aborter.signal })
  const [response] = await isAsked
  aborter.abort()
  await assert.rejects(second, { name: 'AbortError' })
  // What was asked before this has been taken up when it is answered.
  const other = new Client(origin)
  await text(other.request(get(origin)))
  response.end()
  await text(first)
  await Promise.all([pool.close(), other.close()])
  assert.deepStrictEqual(asked, ['/first'])
})

test('a drain that is owed is told although the agent has let go of the origin', async (t) => {
  const { origin } = await listen(t, (request, response) => {
    response.setHeader('connection', 'close')
    response.end()
  })
  const agent = new Agent({ connections: 1 })
  const drained = once(agent, 'drain')
  await text(agent.request(get(origin)))
  const [, targets] = await drained
  assert.strictEqual(targets[0], agent)
  await agent.close()
})

test('close of a Pool waits for all requests, also for those that have no connection yet', async (t) => {
  const { origin } = await listen(t, echo)
  const pool = new Pool(origin, { connections: 2 })
  const answers = Array.from({ length: 10 }, (_, number) => text(pool.request(get(origin, `/${number}`))))
  await pool.close()
  assert.deepStrictEqual(await Promise.all(answers), Array.from({ length: 10 }, (_, number) => `/${number}`))
  assert.deepStrictEqual([pool.closed, pool.destroyed], [true, true])
})

test('an interceptor that speaks the first generation alone can carry the calls', async (t) => {
  const { origin } = await listen(t, (request, response) => request.pipe(response))
  const former = (dispatch) => (options, handler) => dispatch(options, {
    onConnect: (...rest) => handler.onConnect(...rest),
    onHeaders: (...rest) => handler.onHeaders(...rest),
    onData: (...rest) => handler.onData(...rest),
    onComplete: (...rest) => handler.onComplete(...rest),
    onError: (...rest) => handler.onError(...rest)
  })
  const pool = new Pool(origin)
  const composed = pool.compose(former)
  const body = 'x'.repeat(1024 * 1024)
  assert.strictEqual(await text(composed.request({ ...get(origin), method: 'POST', body })), body)
  await assert.rejects(composed.request({ ...get('http://127.0.0.1:1'), path: 'wrong' }), { code: 'UND_ERR_INVALID_ARG' })
  await pool.close()
})
