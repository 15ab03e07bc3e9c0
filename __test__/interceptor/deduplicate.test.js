'use strict'

// The deduplicate interceptor: which requests become one, with undici 7 and 8 as well, and that none of them notices the
// others.

const assert = require('node:assert')
const { AsyncLocalStorage } = require('node:async_hooks')
const diagnostics = require('node:diagnostics_channel')
const { describe, test } = require('node:test')
const { serve, keep, hearing } = require('../handler/server.js')
const dodici = require('../../index.js')

const { BalancedPool, Client, interceptors } = dodici

function load (name) {
  try {
    return require(name)
  } catch {
    // undici 8 needs a newer Node than we do.
    return null
  }
}

const references = { 'undici 7': load('undici7'), 'undici 8': load('undici8') }

/** An agent with the interceptor, and a server that answers when all who shall be there have been heard of. */
async function setUp (context, options, answer = (request, response) => response.end('ok'), library = dodici) {
  const urls = []
  const origin = await serve(context, (request, response) => {
    urls.push(`${request.method} ${request.url}`)
    answer(request, response)
  })
  const agent = keep(context, new library.Agent()).compose(library.interceptors.deduplicate(options))
  const ask = (more, generation = 2, methods = {}) => {
    const hearer = hearing(generation, methods)
    agent.dispatch({ origin, path: '/', method: 'GET', ...more }, hearer.handler)
    return hearer
  }
  return { urls, origin, agent, ask }
}

const FINE = ['start', 'head 200', 'data ok', 'end']

for (const generations of [[1, 1], [1, 2], [2, 1], [2, 2]]) {
  test(`equal requests with handlers of generations ${generations.join(' and ')} become one`, async (context) => {
    const { urls, ask } = await setUp(context)
    const hearers = generations.map((generation) => ask({}, generation))
    for (const { done } of hearers) {
      assert.deepStrictEqual(await done, FINE)
    }
    assert.deepStrictEqual(urls, ['GET /'])
  })
}

for (const [name, library] of Object.entries({ dodici, ...references })) {
  if (library === null) continue
  test(`of equal requests the one that is sent hears of the response first, with ${name}`, async (context) => {
    const { origin, agent } = await setUp(context, undefined, undefined, library)
    const order = []
    const done = ['first', 'second'].map((who) => new Promise((resolve, reject) => {
      agent.dispatch({ origin, path: '/', method: 'GET' }, {
        onRequestStart () {},
        onResponseStart: () => order.push(`${who} head`),
        onResponseData: () => order.push(`${who} data`),
        onResponseEnd: () => resolve(order.push(`${who} end`)),
        onResponseError: (controller, error) => reject(error)
      })
    }))
    await Promise.all(done)
    assert.deepStrictEqual(order, ['first head', 'second head', 'first data', 'second data', 'first end', 'second end'])
  })
}

test('who leaves a shared response knows that', async (context) => {
  const { origin, agent, ask } = await setUp(context)
  let seen
  const left = new Promise((resolve) => {
    agent.dispatch({ origin, path: '/', method: 'GET' }, {
      onRequestStart () {},
      onResponseStart (controller) {
        controller.abort(new Error('left'))
        seen = [controller.aborted, controller.reason.message]
      },
      onResponseData () {},
      onResponseEnd () {},
      onResponseError: (controller, error) => resolve(error.message)
    })
  })
  const { done } = ask()
  assert.deepStrictEqual([await left, seen, await done], ['left', [true, 'left'], FINE])
})

test('who joins while the first hears of the response hears of it once', async (context) => {
  const { origin, agent, ask } = await setUp(context)
  const joined = await new Promise((resolve) => {
    let later
    agent.dispatch({ origin, path: '/', method: 'GET' }, {
      onRequestStart () {},
      onResponseStart () { later = ask().done },
      onResponseData () {},
      onResponseEnd: () => resolve(later),
      onResponseError: (controller, error) => resolve(error)
    })
  })
  assert.deepStrictEqual(joined, FINE)
})

test('equal requests one after the other stay two', async (context) => {
  const { urls, ask } = await setUp(context)
  await ask().done
  await ask().done
  assert.strictEqual(urls.length, 2)
})

test('request() gives each its own body', async (context) => {
  const { urls, agent, origin } = await setUp(context)
  const responses = await Promise.all([1, 2, 3].map(() => agent.request({ origin, path: '/', method: 'GET' })))
  assert.deepStrictEqual(await Promise.all(responses.map(({ body }) => body.text())), ['ok', 'ok', 'ok'])
  assert.strictEqual(urls.length, 1)
})

for (const [name, one, other, options, count, theirs = count] of [
  ['of other paths', { path: '/a' }, { path: '/b' }, {}, 2],
  ['of other queries', { query: { a: 1 } }, { query: { a: 2 } }, {}, 2],
  ['of the same query in other forms', { query: { a: 1 } }, { path: '/?a=1' }, {}, 1],
  ['with other fields', { headers: { a: 'b' } }, { headers: { a: 'c' } }, {}, 2],
  ['with the same fields in other forms', { headers: { A: 'b', c: 'd' } }, { headers: new Map([['c', 'd'], ['a', 'b']]) }, {}, 1],
  ['with fields whose texts only together are the same', { headers: { a: 'x:b=y' } }, { headers: { a: 'x', b: 'y' } }, {}, 2],
  ['with other values of a field that is left out of the comparison', { headers: { 'X-Id': '1' } }, { headers: { 'x-id': '2' } }, { excludeHeaderNames: ['X-ID'] }, 1],
  ['with a field that is to go alone', { headers: { 'X-Own': '1' } }, { headers: { 'x-own': '1' } }, { skipHeaderNames: ['x-own'] }, 2],
  ['of a method that is not among those', { method: 'OPTIONS' }, { method: 'OPTIONS' }, {}, 2],
  ['of a method that is among those', { method: 'OPTIONS' }, { method: 'OPTIONS' }, { methods: ['OPTIONS'] }, 1],
  ['with content', { body: 'a' }, { body: 'a' }, {}, 2, 1],
  ['that are POSTs', { method: 'POST' }, { method: 'POST' }, {}, 2]
]) {
  const countOf = async (context, library) => {
    const { urls, ask } = await setUp(context, options, undefined, library)
    const hearers = [ask(one), ask(other)]
    for (const { done } of hearers) assert.strictEqual((await done).at(-1), 'end')
    return urls.length
  }

  test(`requests ${name} become ${count === 1 ? 'one' : 'two'}`, async (context) => {
    assert.strictEqual(await countOf(context, dodici), count)
  })

  for (const [reference, library] of Object.entries(references)) {
    if (library !== null) {
      test(`requests ${name}: ${theirs === count ? 'so says' : 'other than'} ${reference}`, async (context) => {
        assert.strictEqual(await countOf(context, library), theirs)
      })
    }
  }
}

test('a Client need not be told the origin', async (context) => {
  const urls = []
  const origin = await serve(context, (request, response) => { urls.push(request.url); response.end('ok') })
  const client = keep(context, new Client(origin)).compose(interceptors.deduplicate())
  const responses = await Promise.all([1, 2].map(() => client.request({ path: '/', method: 'GET' })))
  assert.deepStrictEqual([await responses[0].body.text(), await responses[1].body.text(), urls], ['ok', 'ok', ['/']])
})

test('a BalancedPool has no one origin, and its requests stay apart', async (context) => {
  const urls = []
  const origin = await serve(context, (request, response) => { urls.push(request.url); response.end('ok') })
  const pool = keep(context, new BalancedPool(origin)).compose(interceptors.deduplicate())
  await Promise.all([1, 2].map(async () => (await pool.request({ path: '/', method: 'GET' })).body.text()))
  assert.strictEqual(urls.length, 2)
})

test('a request that comes when content has come goes alone', async (context) => {
  let finish
  const { urls, ask } = await setUp(context, {}, (request, response) => {
    response.write('o')
    finish?.()
    finish = () => response.end('k')
  })
  let second
  const first = ask({}, 2, { onResponseData () { second ??= ask() } })
  assert.strictEqual((await first.done).at(-1), 'end')
  finish()
  assert.deepStrictEqual((await second.done).filter((line) => !line.startsWith('data')), ['start', 'head 200', 'end'])
  assert.strictEqual(urls.length, 2)
})

test('a failure is the failure of all', async (context) => {
  const { ask } = await setUp(context, {}, (request) => request.socket.destroy())
  const hearers = [ask(), ask({}, 1)]
  for (const { done } of hearers) assert.deepStrictEqual(await done, ['start', 'error other side closed'])
})

describe('an abort', () => {
  test('of the first is not the end of the others', async (context) => {
    const { urls, ask } = await setUp(context)
    const first = ask({}, 2, { onResponseStart (controller) { controller.abort(new Error('enough')) } })
    const second = ask()
    assert.deepStrictEqual(await first.done, ['start', 'error enough'])
    assert.deepStrictEqual(await second.done, FINE)
    assert.strictEqual(urls.length, 1)
  })

  test('of another one is not the end of the first', async (context) => {
    const { urls, ask } = await setUp(context)
    const first = ask()
    const second = ask({}, 2, { onResponseStart (controller) { controller.abort(new Error('enough')) } })
    assert.deepStrictEqual(await second.done, ['start', 'error enough'])
    assert.deepStrictEqual(await first.done, FINE)
    assert.strictEqual(urls.length, 1)
  })

  test('of all is the end of the request', async (context) => {
    let gone
    const closed = new Promise((resolve) => { gone = resolve })
    const aborters = [new AbortController(), new AbortController()]
    const { agent, origin } = await setUp(context, {}, (request) => {
      request.socket.on('close', gone)
      for (const aborter of aborters) aborter.abort(new Error('enough'))
    })
    const outcomes = aborters.map(({ signal }) => agent.request({ origin, path: '/', method: 'GET', signal }))
    for (const outcome of outcomes) await assert.rejects(outcome, { message: 'enough' })
    await closed
  })

  test('by a handler that throws is its own', async (context) => {
    const { ask } = await setUp(context)
    const first = ask({}, 2, { onResponseStart () { throw new Error('mine') } })
    const second = ask()
    assert.deepStrictEqual(await first.done, ['start', 'error mine'])
    assert.deepStrictEqual(await second.done, FINE)
  })
})

test('one that pauses is kept what it missed, and does not hold the others', async (context) => {
  const { ask } = await setUp(context)
  const first = ask()
  let resume
  const second = ask({}, 2, { onResponseStart (controller) { controller.pause(); resume = () => controller.resume() } })
  await first.done
  assert.deepStrictEqual(second.heard, ['start'])
  resume()
  assert.deepStrictEqual(await second.done, ['start', 'data ok', 'end'])
})

test('one that pauses is kept no more than maxBufferSize', async (context) => {
  const { ask } = await setUp(context, { maxBufferSize: 1 })
  const first = ask()
  const second = ask({}, 2, { onResponseStart (controller) { controller.pause() } })
  assert.deepStrictEqual(await first.done, FINE)
  assert.deepStrictEqual(await second.done, ['start', 'error Deduplicated waiting handler exceeded maxBufferSize (1 bytes) while paused'])
})

test('each is heard in the context of its caller', async (context) => {
  const storage = new AsyncLocalStorage()
  const { ask } = await setUp(context)
  const seen = []
  const hearers = ['one', 'two'].map((name) => storage.run(name, () => ask({}, 2, { onResponseData () { seen.push(storage.getStore()) } })))
  for (const { done } of hearers) await done
  assert.deepStrictEqual(seen.sort(), ['one', 'two'])
})

test('a channel tells how many requests are under way', async (context) => {
  const told = []
  const hear = ({ size, type }) => told.push(`${type} ${size}`)
  diagnostics.subscribe('undici:request:pending-requests', hear)
  context.after(() => diagnostics.unsubscribe('undici:request:pending-requests', hear))
  const { ask } = await setUp(context)
  await ask().done
  assert.deepStrictEqual(told, ['added 1', 'removed 0'])
})

for (const [options, message] of [
  [null, 'expected type of opts to be an Object, got null'],
  [{ methods: 'GET' }, 'expected opts.methods to be an array, got string'],
  [{ methods: ['POST'] }, 'expected opts.methods to only contain safe HTTP methods, got POST'],
  [{ skipHeaderNames: 1 }, 'expected opts.skipHeaderNames to be an array, got number'],
  [{ excludeHeaderNames: 1 }, 'expected opts.excludeHeaderNames to be an array, got number'],
  [{ maxBufferSize: 0 }, 'expected opts.maxBufferSize to be a positive finite number, got 0']
]) {
  test(`options are refused: ${message}`, () => {
    assert.throws(() => interceptors.deduplicate(options), { name: 'TypeError', message })
  })
}
