'use strict'

// What only some of the dispatchers have: several origins, upstreams and their weights, what a factory is given, wrong
// options of a constructor, and the calls as functions with the global dispatcher.

const { head, answer, send, finish } = require('../server.js')
const { error, show } = require('../trace.js')

const ok = [head, answer('ok')]
const row = (name, server, run, more) => ({ name: `origins: ${name}`, server, run, api: true, ...more })
const eight = { lacks: 'undici6' }

/** Records what is thrown or returned at once, or what it settles with. */
function calls (stage, lane, call) {
  try {
    const value = call()
    if (value instanceof Promise) return stage.outcome(lane, 'settled', value)
    stage.note(lane, 'returned', show(value))
  } catch (err) {
    stage.note(lane, 'threw', error(err))
  }
}

const text = ({ body }) => body.text()

/** A row that makes dispatchers which are refused. */
const refused = (name, make, more) => row(name, [], (stage) => calls(stage, 'make', () => { make(stage.library, stage.origin) }), more)
const values = (list) => list.map((value) => [value, show(value)])

/** A dispatcher that says what it is asked for, and fails it. */
function recorder (stage, name) {
  const dispatcher = new stage.library.Dispatcher()
  dispatcher.dispatch = (options, handler) => {
    stage.note(name, 'dispatches', `${options.method} ${options.path} ${typeof options.origin}`)
    handler.onRequestStart ? handler.onResponseError(null, new Error(`by ${name}`)) : handler.onError(new Error(`by ${name}`))
    return true
  }
  dispatcher.close = (callback) => callback ? callback() : Promise.resolve()
  dispatcher.destroy = (...rest) => typeof rest.at(-1) === 'function' ? rest.at(-1)() : Promise.resolve()
  return dispatcher
}

const UPSTREAMS = ['http://a.test', 'http://b.test', 'http://c.test']

/** Which of the upstreams of a BalancedPool get so many requests; `between` runs before each. */
function shares (name, count, options, between = () => {}, more) {
  return row(`BalancedPool: ${name}`, [], async (stage) => {
    const made = {}
    const pool = new stage.library.BalancedPool(UPSTREAMS, {
      ...options,
      factory: (origin) => {
        const dispatcher = recorder(stage, new URL(origin).hostname)
        // undici asks a member itself for its origin.
        const url = Object.getOwnPropertySymbols(new stage.library.Client(origin)).find((symbol) => symbol.description === 'url')
        if (url !== undefined) dispatcher[url] = new URL(origin)
        made[new URL(origin).hostname] = dispatcher
        return dispatcher
      }
    })
    for (let number = 0; number < count; number++) {
      between(number, made, pool)
      await pool.request({ path: `/${number}`, method: 'GET' }).catch(() => {})
    }
    stage.note('pool', 'has', show(pool.upstreams))
  }, more)
}

const broken = Object.assign(new Error('broken'), { code: 'UND_ERR_SOCKET' })

/** A row about the global calls: `run(stage, library)` with the client of the stage as the global dispatcher. */
const functions = (name, server, run, more) => row(`functions: ${name}`, server, async (stage) => {
  const { library } = stage
  const before = library.getGlobalDispatcher()
  library.setGlobalDispatcher(stage.client)
  try {
    await run(stage, library)
  } finally {
    library.setGlobalDispatcher(before)
  }
}, { settle: [], ...more })

module.exports = [
  ...values([-1, NaN, '1', Infinity]).map(([connections, shown]) =>
    refused(`a Pool with connections ${shown}`, ({ Pool }, origin) => new Pool(origin, { connections }))),
  ...values([null, 'x', 5]).flatMap(([factory, shown]) => [
    refused(`a Pool with the factory ${shown}`, ({ Pool }, origin) => new Pool(origin, { factory })),
    refused(`a BalancedPool with the factory ${shown}`, ({ BalancedPool }, origin) => new BalancedPool(origin, { factory })),
    refused(`an Agent with the factory ${shown}`, ({ Agent }) => new Agent({ factory })),
    refused(`a RoundRobinPool with the factory ${shown}`, ({ RoundRobinPool }, origin) => new RoundRobinPool(origin, { factory }), eight)
  ]),
  ...values(['x', 5, true]).flatMap(([connect, shown]) => [
    refused(`a Pool with connect ${shown}`, ({ Pool }, origin) => new Pool(origin, { connect })),
    refused(`an Agent with connect ${shown}`, ({ Agent }) => new Agent({ connect }))
  ]),
  ...values([0, -1, NaN, '1', null]).map(([maxOrigins, shown]) =>
    refused(`an Agent with maxOrigins ${shown}`, ({ Agent }) => new Agent({ maxOrigins }), eight)),
  ...values(['http://a.test/path', 'ftp://a.test', '', 5]).flatMap(([url, shown]) => [
    refused(`a Pool for ${shown}`, ({ Pool }) => new Pool(url)),
    refused(`a BalancedPool for ${shown}`, ({ BalancedPool }) => new BalancedPool(url))
  ]),

  shares('equal weights', 7, {}),
  shares('an upstream that could not be connected to', 12, {}, (number, { 'a.test': a }) => {
    if (number === 3) a.emit('connectionError', new URL(UPSTREAMS[0]), [a], new Error('no'))
  }),
  shares('an upstream whose connection broke', 12, { errorPenalty: 50 }, (number, { 'b.test': b }) => {
    if (number === 2) b.emit('disconnect', new URL(UPSTREAMS[1]), [b], broken)
  }),
  shares('an upstream whose connection ended as it should', 8, { errorPenalty: 50 }, (number, { 'b.test': b }) => {
    if (number === 2) b.emit('disconnect', new URL(UPSTREAMS[1]), [b], new Error('idle'))
  }),
  shares('an upstream that fails and comes back', 24, { maxWeightPerServer: 3, errorPenalty: 1 }, (number, { 'c.test': c }) => {
    if (number === 2) c.emit('connectionError', new URL(UPSTREAMS[2]), [c], new Error('no'))
    if (number === 9) c.emit('connect', new URL(UPSTREAMS[2]), [c])
  }),
  shares('an upstream that is taken out and put back', 12, {}, (number, _made, pool) => {
    if (number === 4) pool.removeUpstream(UPSTREAMS[1])
    if (number === 8) pool.addUpstream(UPSTREAMS[1])
  }),
  row('BalancedPool: without an upstream', [], async (stage) => {
    const pool = new stage.library.BalancedPool()
    stage.note('pool', 'has', show(pool.upstreams))
    await calls(stage, 'a', () => pool.request({ path: '/', method: 'GET' }))
  }),
  row('BalancedPool: upstreams that come and go', [], async (stage) => {
    const pool = new stage.library.BalancedPool('http://a.test')
    stage.note('pool', 'is', `${pool.addUpstream('http://b.test') === pool} ${pool.addUpstream(new URL('http://a.test')) === pool}`)
    stage.note('pool', 'has', show(pool.upstreams))
    stage.note('pool', 'is', `${pool.removeUpstream('http://a.test') === pool} ${pool.removeUpstream('http://x.test') === pool}`)
    stage.note('pool', 'has', show(pool.upstreams))
    calls(stage, 'a', () => { pool.addUpstream('no') })
  }),

  row('Agent: origins that are none', [], async (stage) => {
    const agent = new stage.library.Agent()
    for (const origin of [undefined, null, '', 5, {}]) await calls(stage, `a ${show(origin)}`, () => agent.request({ origin, path: '/', method: 'GET' }))
  }),
  row('Agent: an origin as a URL', [ok], async (stage) => {
    const agent = new stage.library.Agent()
    await calls(stage, 'a', () => agent.request({ origin: new URL(stage.origin), path: '/', method: 'GET' }).then(text))
    await agent.close()
  }),
  row('Agent: more origins than it may have', [ok], async (stage) => {
    const agent = new stage.library.Agent({ maxOrigins: 1 })
    await calls(stage, 'a', () => agent.request({ origin: stage.origin, path: '/', method: 'GET' }).then(text))
    await calls(stage, 'b', () => agent.request({ origin: 'http://other.test', path: '/', method: 'GET' }))
    await agent.close()
  }, eight),
  row('Agent: an origin makes room when its connection has gone', [[head, send('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok'), finish]], async (stage) => {
    const agent = new stage.library.Agent({ maxOrigins: 1, factory: (origin, options) => String(origin).startsWith(stage.origin) ? new stage.library.Pool(origin, options) : recorder(stage, 'other') })
    const gone = new Promise((resolve) => agent.on('disconnect', resolve))
    await calls(stage, 'a', () => agent.request({ origin: stage.origin, path: '/', method: 'GET' }).then(text))
    await gone
    stage.note('agent', 'has', show(Object.keys(agent.stats)))
    await calls(stage, 'b', () => agent.request({ origin: 'http://other.test', path: '/', method: 'GET' }))
    await agent.close()
  }, eight),
  row('Agent: what its factory is given', [], async (stage) => {
    const agent = new stage.library.Agent({
      keepAliveTimeout: 7,
      factory: (origin, options) => {
        stage.note('factory', 'is given', `${show(origin)} keepAliveTimeout=${options.keepAliveTimeout} factory=${options.factory}`)
        return recorder(stage, 'made')
      }
    })
    for (let count = 0; count < 2; count++) await calls(stage, 'a', () => agent.request({ origin: 'http://a.test', path: '/', method: 'GET' }))
    await agent.close()
  }),
  row('Pool: what its factory is given', [], async (stage) => {
    const pool = new stage.library.Pool('http://a.test', {
      keepAliveTimeout: 7,
      connections: 2,
      factory: (origin, options) => {
        stage.note('factory', 'is given', `${origin instanceof URL} keepAliveTimeout=${options.keepAliveTimeout} connections=${options.connections} factory=${options.factory}`)
        return recorder(stage, 'made')
      }
    })
    for (let count = 0; count < 2; count++) await calls(stage, 'a', () => pool.request({ path: '/', method: 'GET' }))
    await pool.close()
  }),
  row('Pool: a factory that throws', [], async (stage) => {
    const pool = new stage.library.Pool('http://a.test', { factory: () => { throw new Error('mine') } })
    await calls(stage, 'a', () => pool.request({ path: '/', method: 'GET' }))
    await pool.close()
  }),

  functions('request of a URL', [ok], async (stage, { request }) => {
    await calls(stage, 'a', () => request(`${stage.origin}/path?a=1`).then(text))
  }),
  functions('request with a body is a PUT', [ok], async (stage, { request }) => {
    await calls(stage, 'a', () => request(new URL(stage.origin), { body: '', headers: { 'x-a': '1' } }).then(text))
  }),
  functions('request with a path and a query', [ok], async (stage, { request }) => {
    await calls(stage, 'a', () => request(`${stage.origin}`, { path: 'other', query: { b: 2 } }).then(text))
  }),
  functions('request with a callback and no options', [ok], async (stage, { request }) => {
    await new Promise((resolve) => request(stage.origin, (err, data) => {
      stage.note('a', 'called back', `${err} ${data.statusCode}`)
      data.body.dump().then(resolve)
    }))
  }),
  functions('request through a dispatcher that is given', [], async (stage, { request }) => {
    await calls(stage, 'a', () => request(stage.origin, { dispatcher: recorder(stage, 'given'), method: 'POST' }))
  }),
  functions('stream', [ok], async (stage, { stream }) => {
    const { PassThrough } = require('node:stream')
    await calls(stage, 'a', () => stream(stage.origin, { method: 'GET' }, () => new PassThrough().resume()).then(({ trailers }) => trailers))
  }),
  ...values([undefined, null, 5, '', 'x', {}]).map(([url, shown]) =>
    functions(`a URL that is ${shown}`, [], (stage, { request }) => calls(stage, 'a', () => { request(url) }), { replace: (line) => line.replace(/ "Invalid URL"$/, ' "Invalid URL"') })),
  functions('options that are wrong', [], async (stage, { request }) => {
    await calls(stage, 'a', () => request(stage.origin, 5))
    await calls(stage, 'b', () => request(stage.origin, { path: 5 }))
    await calls(stage, 'c', () => request(stage.origin, { agent: {} }))
    await calls(stage, 'd', () => request(`${stage.origin}/path`, { path: '/other' }))
  }),
  row('functions: what is no dispatcher', [], async (stage) => {
    for (const one of [undefined, null, {}, 5]) calls(stage, 'a', () => stage.library.setGlobalDispatcher(one))
  })
]
