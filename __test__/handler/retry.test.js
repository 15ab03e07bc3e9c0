'use strict'

// The RetryHandler and the RetryAgent, where more than what they send matters: aborts, pauses, and whose request it is.

const assert = require('node:assert')
const { AsyncLocalStorage } = require('node:async_hooks')
const { once } = require('node:events')
const { describe, test } = require('node:test')
const { serve, keep, hearing } = require('./server.js')
const { Agent, Client, RetryAgent, RetryHandler, interceptors, errors } = require('../../index.js')

const failing = (request, response) => response.writeHead(503).end('x')

describe('a request that waits for its next attempt', () => {
  for (const generation of [1, 2]) {
    for (const throwOnError of [true, false]) {
      test(`is aborted at once by a handler of generation ${generation}, ${throwOnError ? 'with' : 'without'} throwOnError`, async (context) => {
        const origin = await serve(context, failing)
        const agent = keep(context, new Agent())
        const { handler, done } = hearing(generation)
        const dispatch = agent.dispatch.bind(agent)
        const retry = (error, retryContext, answer) => {
          assert.strictEqual(error.statusCode, 503)
          setImmediate(() => generation === 1 ? handler.abort(new Error('enough')) : handler.controller.abort(new Error('enough')))
          return setTimeout(answer, 60_000)
        }
        const options = { origin, path: '/', method: 'GET', retryOptions: { retry, throwOnError } }
        dispatch(options, new RetryHandler(options, { dispatch, handler }))
        assert.deepStrictEqual(await done, ['start', 'error enough'])
      })
    }
  }

  test('is aborted at once by its signal', async (context) => {
    const origin = await serve(context, failing)
    const aborter = new AbortController()
    const retry = (error, retryContext, answer) => {
      assert.strictEqual(error.statusCode, 503)
      setImmediate(() => aborter.abort(new Error('enough')))
      return setTimeout(answer, 60_000)
    }
    const agent = new RetryAgent(keep(context, new Agent()), { retry })
    await assert.rejects(agent.request({ origin, path: '/', method: 'GET', signal: aborter.signal }), { message: 'enough' })
  })

  test('is aborted without a reason as other requests are', async (context) => {
    const origin = await serve(context, failing)
    const { handler, done } = hearing(2)
    const agent = keep(context, new Agent()).compose(interceptors.retry({
      retry: () => { setImmediate(() => handler.controller.abort()) }
    }))
    agent.dispatch({ origin, path: '/', method: 'GET' }, handler)
    assert.deepStrictEqual(await done, ['start', `error ${new errors.RequestAbortedError().message}`])
  })

  test('does not hear an answer of its policy after it was aborted', async (context) => {
    const origin = await serve(context, failing)
    const { handler, done, heard } = hearing(2)
    const agent = keep(context, new Agent()).compose(interceptors.retry({
      retry (error, retryContext, answer) {
        setImmediate(() => {
          handler.controller.abort(new Error('enough'))
          answer(error)
        })
      }
    }))
    agent.dispatch({ origin, path: '/', method: 'GET' }, handler)
    await done
    assert.deepStrictEqual(heard, ['start', 'error enough'])
  })
})

test('an abort while an attempt waits in the queue of a client is heard at once', async (context) => {
  const served = []
  let isThere
  const second = new Promise((resolve) => { isThere = resolve })
  const origin = await serve(context, (request, response) => {
    served.push(request.url)
    if (request.url === '/first') {
      response.writeHead(503).end()
    } else {
      isThere()
    }
  })
  const client = keep(context, new Client(origin))
  const { handler, done } = hearing(2)
  const agent = client.compose(interceptors.retry({
    retry (error, retryContext, answer) {
      assert.strictEqual(error.statusCode, 503)
      // It takes the connection, so that the next attempt has to wait.
      client.request({ path: '/second', method: 'GET' }).catch(() => {})
      answer(null)
      second.then(() => handler.controller.abort(new Error('enough')))
    }
  }))
  agent.dispatch({ path: '/first', method: 'GET' }, handler)
  assert.deepStrictEqual((await done).at(-1), 'error enough')
  assert.deepStrictEqual(served, ['/first', '/second'])
})

test('a pause holds across the attempts, and a resume reaches the one under way', async (context) => {
  const size = 4 * 1024 * 1024
  const origin = await serve(context, (request, response) => {
    const { range } = request.headers
    if (range === undefined) {
      response.writeHead(200, { 'content-length': size, etag: '"a"' })
      response.write(Buffer.alloc(10), () => request.socket.end())
    } else {
      const start = Number(/bytes=(\d+)-/.exec(range)[1])
      response.writeHead(206, { 'content-range': `bytes ${start}-${size - 1}/${size}`, 'content-length': size - start, etag: '"a"' })
      response.end(Buffer.alloc(size - start))
    }
  })
  const agent = new RetryAgent(keep(context, new Agent()), { minTimeout: 1 })
  const { body } = await agent.request({ origin, path: '/', method: 'GET', highWaterMark: 1024 })
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    await new Promise(setImmediate)
  }
  assert.strictEqual(length, size)
})

test('an attempt is made in the context of the caller', async (context) => {
  const storage = new AsyncLocalStorage()
  let count = 0
  const origin = await serve(context, (request, response) => ++count > 1 ? response.end('ok') : failing(request, response))
  const agent = keep(context, new Agent()).compose(interceptors.retry({ minTimeout: 1 }))
  const seen = []
  const { handler, done } = hearing(2, { onResponseStart: () => seen.push(storage.getStore()) })
  storage.run('mine', () => agent.dispatch({ origin, path: '/', method: 'GET' }, handler))
  await done
  assert.deepStrictEqual(seen, ['mine'])
})

describe('a RetryAgent', () => {
  test('tells its options and those of the request to the policy', async (context) => {
    const origin = await serve(context, failing)
    let told
    const retry = (error, { state, opts }, answer) => {
      told = { counter: state.counter, path: opts.path, maxRetries: opts.retryOptions.maxRetries, minTimeout: opts.retryOptions.minTimeout }
      answer(error)
    }
    const agent = new RetryAgent(keep(context, new Agent()), { retry, maxRetries: 7 })
    await assert.rejects(agent.request({ origin, path: '/a', method: 'GET' }), { name: 'RequestRetryError', statusCode: 503, data: { count: 1 } })
    assert.deepStrictEqual(told, { counter: 1, path: '/a', maxRetries: 7, minTimeout: 500 })
  })

  test('closes and destroys what it stands on', async (context) => {
    const closed = new Agent()
    await new RetryAgent(closed).close()
    assert.strictEqual(closed.closed, true)
    const destroyed = new Agent()
    await new RetryAgent(destroyed).destroy()
    assert.strictEqual(destroyed.destroyed, true)
  })

  test('may be composed, and knows the origin of what it stands on', async (context) => {
    const origin = await serve(context, (request, response) => response.end('ok'))
    let seen
    const agent = new RetryAgent(keep(context, new Client(origin))).compose((dispatch, own) => {
      seen = own
      return (options, handler) => {
        assert.strictEqual(options.origin, origin)
        return dispatch(options, handler)
      }
    })
    const { body } = await agent.request({ path: '/', method: 'GET' })
    assert.deepStrictEqual([await body.text(), seen], ['ok', origin])
  })

  test('retries a connection that is refused', async (context) => {
    const server = require('node:net').createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address()
    server.close()
    await once(server, 'close')
    let asked = 0
    const retry = (error, retryContext, answer) => answer(++asked < 3 ? null : error)
    const agent = new RetryAgent(keep(context, new Agent()), { retry })
    await assert.rejects(agent.request({ origin: `http://127.0.0.1:${port}`, path: '/', method: 'GET' }), { code: 'ECONNREFUSED' })
    assert.strictEqual(asked, 3)
  })
})

test('the fields of an iterator are sent with each attempt', async (context) => {
  const seen = []
  const origin = await serve(context, (request, response) => {
    seen.push(request.headers['x-a'])
    response.writeHead(seen.length % 2 === 1 ? 503 : 200).end()
  })
  const agent = keep(context, new Agent())
  for (const dispatcher of [agent.compose(interceptors.retry({ minTimeout: 1 })), new RetryAgent(agent, { minTimeout: 1 })]) {
    const { body } = await dispatcher.request({ origin, path: '/', method: 'GET', headers: [['x-a', '1']][Symbol.iterator]() })
    await body.text()
  }
  assert.deepStrictEqual(seen, ['1', '1', '1', '1'])
})
