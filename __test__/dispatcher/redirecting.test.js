'use strict'

// `maxRedirections` and `interceptors` as options of dispatchers and requests, as undici 5 and 6 have them.

const assert = require('node:assert')
const { describe, test } = require('node:test')
const { serve, keep, hearing } = require('../handler/server.js')
const { Agent, BalancedPool, Client, Pool, RoundRobinPool, createRedirectInterceptor } = require('../../index.js')
const undici6 = require('undici6')

const kinds = {
  Client: (origin, options) => new Client(origin, options),
  Pool: (origin, options) => new Pool(origin, options),
  'Pool of a factory': (origin, options) => new Pool(origin, { ...options, factory: (url, own) => new Client(url, own) }),
  RoundRobinPool: (origin, options) => new RoundRobinPool(origin, options),
  BalancedPool: (origin, options) => new BalancedPool(origin, options),
  Agent: (origin, options) => new Agent(options),
  'Agent with one connection': (origin, options) => new Agent({ ...options, connections: 1 }),
  'Agent of undici 6': (origin, options) => new undici6.Agent(options),
  'Client of undici 6': (origin, options) => new undici6.Client(origin, options)
}

const counting = (request, response) => response.writeHead(302, { location: `${request.url}x` }).end(request.url)
const elsewhere = (dispatcher, options, generation = 1) => {
  const { handler, done } = hearing(generation)
  dispatcher.dispatch({ path: '/', method: 'GET', ...options }, handler)
  return done
}

for (const [kind, make] of Object.entries(kinds)) {
  describe(kind, () => {
    for (const [name, own, options, expected] of [
      ['follows no redirect unless it is told', {}, {}, '/'],
      ['takes a limit of 0 for none', { maxRedirections: 0 }, { maxRedirections: 0 }, '/'],
      ['follows as many redirects as it was made for', { maxRedirections: 2 }, {}, '/xx'],
      ['follows as many redirects as the request allows', {}, { maxRedirections: 3 }, '/xxx'],
      ['follows no more than the request allows', { maxRedirections: 3 }, { maxRedirections: 1 }, '/x'],
      ['follows none where the request allows none', { maxRedirections: 3 }, { maxRedirections: 0 }, '/']
    ]) {
      test(name, async (context) => {
        const origin = await serve(context, counting)
        const dispatcher = keep(context, make(origin, own))
        assert.ok((await elsewhere(dispatcher, { origin, ...options })).includes(`data ${expected}`))
      })
    }

    test('tells the handler of a limit that is none', async (context) => {
      const origin = await serve(context, counting)
      const heard = await elsewhere(keep(context, make(origin, {})), { origin, maxRedirections: -1 })
      assert.deepStrictEqual(heard, ['error maxRedirections must be a positive number'])
    })
  })
}

test('request() gives the history as its context', async (context) => {
  const origin = await serve(context, counting)
  const client = keep(context, new Client(origin))
  const { body, context: { history } } = await client.request({ path: '/', method: 'GET', maxRedirections: 2 })
  assert.deepStrictEqual([history.map(String), await body.text()], [[`${origin}/`, `${origin}/x`, `${origin}/xx`], '/xx'])
})

test('a dispatcher is not made with a limit that is none', () => {
  for (const [kind, make] of Object.entries(kinds)) {
    if (!['Pool', 'Pool of a factory', 'RoundRobinPool', 'BalancedPool'].includes(kind)) {
      assert.throws(() => make('http://localhost', { maxRedirections: -1 }), { message: 'maxRedirections must be a positive number' }, kind)
    }
  }
})

describe('interceptors as an option', () => {
  const noting = (name, seen) => (dispatch) => (options, handler) => {
    seen.push(name)
    return dispatch(options, handler)
  }
  const everywhere = (seen) => ({
    Client: [noting('first of Client', seen), noting('second of Client', seen)],
    Pool: [noting('Pool', seen)],
    BalancedPool: [noting('BalancedPool', seen)],
    Agent: [noting('Agent', seen)]
  })
  const CLIENT = ['first of Client', 'second of Client']

  for (const [kind, expected] of [
    ['Client', CLIENT],
    ['Client of undici 6', CLIENT],
    ['Pool', ['Pool', ...CLIENT]],
    ['Pool of a factory', ['Pool', ...CLIENT]],
    ['RoundRobinPool', ['Pool', ...CLIENT]],
    ['BalancedPool', ['BalancedPool', 'Pool', ...CLIENT]],
    ['Agent', ['Agent', 'Pool', ...CLIENT]],
    ['Agent with one connection', ['Agent', ...CLIENT]],
    ['Agent of undici 6', ['Agent', 'Pool', ...CLIENT]]
  ]) {
    test(`those of a ${kind} and of what it is made of are called from the outside in`, async (context) => {
      const origin = await serve(context, (request, response) => response.end('ok'))
      const seen = []
      const dispatcher = keep(context, kinds[kind](origin, { interceptors: everywhere(seen) }))
      await elsewhere(dispatcher, { origin })
      assert.deepStrictEqual(seen, expected)
    })
  }

  for (const generation of [1, 2]) {
    test(`createRedirectInterceptor is one of them, for handlers of generation ${generation}`, async (context) => {
      const origin = await serve(context, counting)
      const agent = keep(context, new Agent({ interceptors: { Agent: [createRedirectInterceptor({ maxRedirections: 1 })] } }))
      assert.ok((await elsewhere(agent, { origin }, generation)).includes('data /x'))
    })
  }

  test('the property has them, and takes others', async (context) => {
    const origin = await serve(context, (request, response) => response.end('ok'))
    const seen = []
    const first = noting('first', seen)
    const client = keep(context, new Client(origin, { interceptors: { Client: [first] } }))
    assert.deepStrictEqual(client.interceptors, [first])
    client.interceptors.push(noting('pushed before the first request', seen))
    await elsewhere(client, { origin })
    client.interceptors = [noting('set', seen)]
    await elsewhere(client, { origin })
    client.interceptors = undefined
    await elsewhere(client, { origin })
    assert.deepStrictEqual(seen, ['first', 'pushed before the first request', 'set'])
    assert.throws(() => { client.interceptors = ['none'] }, { name: 'InvalidArgumentError', message: 'interceptor must be an function' })
  })

  test('there are none by default', (context) => {
    for (const make of Object.values(kinds)) {
      const { interceptors } = keep(context, make('http://localhost', {}))
      assert.ok(Array.isArray(interceptors))
    }
  })
})
