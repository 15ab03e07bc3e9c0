'use strict'

// The mocks, compared with undici's: each scenario is played with undici 8, where this Node can load it, and with
// undici 6, unless it did otherwise or had no such thing (`since: 8`), and has to be seen in the same way.

const { test } = require('node:test')
const assert = require('node:assert')
const { dodici, references, play } = require('./subjects')

const origin = 'http://a.test'

// An agent that may not connect, and the pool of `origin`.
function closed ({ MockAgent }, options) {
  const agent = new MockAgent(options)
  agent.disableNetConnect()
  return { agent, pool: agent.get(origin) }
}

const scenarios = {
  // --- matching
  async 'a path is matched as a string, a RegExp and a function' (kit) {
    const { agent, pool } = closed(kit)
    pool.intercept({ path: '/a' }).reply(200, 'string')
    pool.intercept({ path: /^\/b\d$/ }).reply(200, 'regexp')
    pool.intercept({ path: (path) => path.startsWith('/c') }).reply(200, 'function')
    pool.intercept({ path: () => 'truthy is not true' }).reply(200, 'never')
    for (const path of ['/a', '/b7', '/cc', '/d']) {
      await kit.ask(agent, { path })
    }
  },

  async 'a method is matched likewise, and as a string in any case' (kit) {
    const { agent, pool } = closed(kit)
    pool.intercept({ path: '/', method: 'post' }).reply(200, 'string')
    pool.intercept({ path: '/', method: /^P/ }).reply(200, 'regexp')
    pool.intercept({ path: '/', method: (method) => method === 'DELETE' }).reply(200, 'function')
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      await kit.ask(agent, { method })
    }
  },

  async 'a body is matched likewise' (kit) {
    const { agent, pool } = closed(kit)
    pool.intercept({ path: '/', method: 'POST', body: 'one' }).reply(200, 'string')
    pool.intercept({ path: '/', method: 'POST', body: /^tw/ }).reply(200, 'regexp')
    pool.intercept({ path: '/', method: 'POST', body: (body) => body === 'three' }).reply(200, 'function')
    for (const body of ['one', 'two', 'three', 'four']) {
      await kit.ask(agent, { method: 'POST', body })
    }
  },

  async 'headers are matched one by one, in any case, whatever else there is' (kit) {
    const { agent, pool } = closed(kit)
    const headers = { 'X-One': 'a', two: /^b/, three: (value) => value === 'c' }
    pool.intercept({ path: '/', headers }).reply(200, 'all').persist()
    await kit.ask(agent, { headers: { 'x-one': 'a', Two: 'bb', THREE: 'c', four: 'd' } })
    await kit.ask(agent, { headers: ['x-one', 'a', 'Two', 'bb', 'THREE', 'c'] })
    await kit.ask(agent, { headers: { 'x-one': 'a', two: 'bb' } })
    await kit.ask(agent, {})
  },

  async 'a function for headers gets them lower-cased' (kit) {
    const { agent, pool } = closed(kit)
    pool.intercept({
      path: '/',
      headers (headers) {
        kit.log('asked', headers)
        return headers.one === 'a'
      }
    }).reply(200, 'all').persist()
    await kit.ask(agent, { headers: { One: 'a' } })
    await kit.ask(agent, { headers: ['ONE', 'a', 'two', 'b'] })
    await kit.ask(agent, {})
  },

  async 'a query is part of the path, and its order does not count' (kit) {
    const { agent, pool } = closed(kit)
    pool.intercept({ path: '/', query: { b: 'é', a: [1, 2] } }).reply(200, 'as an object').times(2)
    pool.intercept({ path: '/?y=2&x=1' }).reply(200, 'as a string')
    await kit.ask(agent, { query: { a: [1, 2], b: 'é' } })
    await kit.ask(agent, { path: '/?a=1&a=2&b=%C3%A9' })
    await kit.ask(agent, { path: '/?x=1&y=2' })
    await kit.ask(agent, { path: '/?x=1' })
    kit.attempt(() => pool.intercept({ path: '/?a=1', query: { b: 1 } }))
  },

  async 'a path is percent-encoded and loses its fragment' (kit) {
    const { agent, pool } = closed(kit)
    pool.intercept({ path: '/a b#c' }).reply(200, 'encoded')
    await kit.ask(agent, { path: '/a%20b' })
  },

  async 'the first interceptor that fits replies, and once only' (kit) {
    const { agent, pool } = closed(kit)
    pool.intercept({ path: '/' }).reply(200, 'first')
    pool.intercept({ path: '/' }).reply(201, 'second')
    for (let i = 0; i < 3; i++) {
      await kit.ask(agent)
    }
  },

  async 'what had no match is said, with how many interceptors are left' (kit) {
    const { agent, pool } = closed(kit)
    pool.intercept({ path: '/a', method: 'POST', body: 'b', headers: { c: 'd' } }).reply(200)
    pool.intercept({ path: '/used' }).reply(200)
    await kit.ask(agent, { path: '/used' })
    await kit.ask(agent, { path: '/' })
    await kit.ask(agent, { path: '/a' })
    await kit.ask(agent, { path: '/a', method: 'POST', body: 'c' })
    await kit.ask(agent, { path: '/a', method: 'POST', body: 'b', headers: { c: 'e' } })
    await kit.ask(agent, { path: '/a', method: 'POST', body: 'b' })
    await kit.ask(pool, { path: '/' })
  },

  async 'a slash at the end does not count where it is to be ignored' (kit) {
    for (const options of [{ ignoreTrailingSlash: true }, {}]) {
      const { agent, pool } = closed(kit, options)
      pool.intercept({ path: '/a/' }).reply(200, 'one').times(2)
      pool.intercept({ path: '/b', ignoreTrailingSlash: true }).reply(200, 'two')
      pool.intercept({ path: '/c/?d=/' }).reply(200, 'three')
      pool.intercept({ path: /^\/e$/ }).reply(200, 'four')
      for (const path of ['/a', '/a///', '/b/', '/c?d=/', '/e/']) {
        await kit.ask(agent, { path })
      }
    }
  },

  async 'lists in a query are read as servers write them where that is accepted' (kit) {
    const { agent, pool } = closed(kit, { acceptNonStandardSearchParameters: true })
    pool.intercept({ path: '/', query: { a: ['1', '2'] } }).reply(200, 'list').times(4)
    pool.intercept({ path: '/', query: { a: '"1,2"' } }).reply(200, 'quoted')
    for (const path of ['/?a[]=1&a[]=2', '/?a=1,2', '/?a[]=1,2', '/?a=1&a=2', '/?a=%221,2%22', '/?a=3']) {
      await kit.ask(agent, { path })
    }
  },

  // --- replies
  async 'data of every type is a body' (kit) {
    const { agent, pool } = closed(kit)
    const bytes = Buffer.from('xbytesx')
    const all = [
      'text é', Buffer.from('buffer'), new Uint8Array(bytes.buffer, bytes.byteOffset + 1, 5),
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + 6), { an: ['object'] }, ['list'], null, undefined, 12, true
    ]
    for (const data of all) {
      pool.intercept({ path: '/' }).reply(200, data)
      await kit.ask(agent)
    }
  },

  async 'numbers, booleans and views that are false or no octets are a body too' (kit) {
    const { agent, pool } = closed(kit)
    for (const data of [0, false, new Uint16Array([0x4141, 0x4242]), new DataView(new ArrayBuffer(3))]) {
      pool.intercept({ path: '/' }).reply(200, data)
      await kit.ask(agent)
    }
  },

  async 'headers and trailers are told as they were given' (kit) {
    const { agent, pool } = closed(kit)
    const options = { headers: { 'X-One': 'a', list: ['b', 'c'], number: 1, accent: 'é' }, trailers: { T: 'd', u: ['e', 'f'] } }
    pool.intercept({ path: '/' }).reply(200, 'body', options).persist()
    await kit.ask(agent)
    agent.dispatch({ origin, path: '/', method: 'GET' }, kit.handler())
  },

  async 'defaults are added to replies, whose own win' (kit) {
    const { agent, pool } = closed(kit)
    const interceptor = pool.intercept({ path: '/' })
      .defaultReplyHeaders({ a: 'default', b: 'default' })
      .defaultReplyTrailers({ c: 'default', d: 'default' })
      .replyContentLength()
    interceptor.reply(200, { some: 'json' }, { headers: { b: 'own' }, trailers: { d: 'own' } })
    interceptor.reply(200, 'plain')
    interceptor.reply(() => ({ statusCode: 201, data: 'made', responseOptions: { headers: { a: 'own' } } }))
    for (let i = 0; i < 3; i++) {
      await kit.ask(agent)
    }
  },

  async 'data may be a function of the request, or a promise of it' (kit) {
    const { agent, pool } = closed(kit)
    const interceptor = pool.intercept({ path: /./, method: 'POST' })
    interceptor.reply(200, ({ path, method, origin, body, headers }) => ({ path, method, origin, body, headers }))
    interceptor.reply(200, async ({ body }) => `later ${body}`)
    interceptor.reply(200, () => Buffer.from('octets'))
    interceptor.reply(200, () => undefined ?? '')
    const request = { path: '/a?b', method: 'POST', body: 'hello', headers: { One: 'two' } }
    await kit.ask(agent, request)
    for (let i = 0; i < 3; i++) {
      await kit.ask(agent, { ...request, headers: ['One', 'two'] })
    }
  },

  async 'a function may make the whole reply' (kit) {
    const { agent, pool } = closed(kit)
    pool.intercept({ path: '/', method: 'POST' }).reply(({ path, body }) => {
      kit.log('asked', path, body)
      return { statusCode: 201, data: { body }, responseOptions: { headers: { a: 'b' }, trailers: { c: 'd' } } }
    }).times(2)
    pool.intercept({ path: '/', method: 'POST' }).reply(() => ({ statusCode: 202 }))
    pool.intercept({ path: '/', method: 'POST' }).reply(() => ({ statusCode: 203, data: () => 'made twice' }))
    for (const body of ['one', 'two', 'three', 'four']) {
      await kit.ask(agent, { method: 'POST', body })
    }
  },

  async 'a function may promise the whole reply' (kit) {
    const { agent, pool } = closed(kit)
    pool.intercept({ path: '/' }).reply(async () => ({ statusCode: 201, data: 'later' }))
    pool.intercept({ path: '/' }).reply(async () => { throw new Error('no reply') })
    pool.intercept({ path: '/' }).reply(async () => 'no object')
    pool.intercept({ path: '/' }).reply(async () => ({ statusCode: 201, data: async () => 'even later' })).delay(5)
    for (let i = 0; i < 4; i++) {
      await kit.ask(agent)
    }
  },

  async 'a reply function that fails, or makes no reply, fails the request' (kit) {
    const { agent, pool } = closed(kit)
    pool.intercept({ path: '/' }).reply(() => { throw new TypeError('no reply') })
    pool.intercept({ path: '/' }).reply(() => 'no object')
    pool.intercept({ path: '/' }).reply(() => ({ data: 'no status' }))
    pool.intercept({ path: '/' }).reply(() => ({ statusCode: 200, responseOptions: 'no object' }))
    pool.intercept({ path: '/' }).reply(200, () => { throw new TypeError('no data') })
    for (let i = 0; i < 5; i++) {
      await kit.ask(agent)
    }
  },

  async 'an error may be the reply' (kit) {
    const { agent, pool } = closed(kit)
    pool.intercept({ path: '/' }).replyWithError(Object.assign(new Error('reset'), { code: 'ECONNRESET' })).times(2)
    await kit.ask(agent)
    agent.dispatch({ origin, path: '/', method: 'GET' }, kit.handler())
    await kit.ask(agent)
  },

  async 'a status has its text' (kit) {
    const { agent, pool } = closed(kit)
    for (const status of [200, 418, 599]) {
      pool.intercept({ path: '/' }).reply(status)
      agent.dispatch({ origin, path: '/', method: 'GET' }, kit.handler())
    }
  },

  async 'what is unusual is taken as undici takes it' (kit) {
    const { agent, pool } = closed(kit, { enableCallHistory: true })
    for (const data of [new Blob(['x']), new Map([[1, 2]]), new URLSearchParams('a=b'), new Date(0), Symbol.iterator, 10n, []]) {
      pool.intercept({ path: '/' }).reply(200, data)
      await kit.ask(agent)
    }
    pool.intercept({ path: '/list', headers: ['a', 'b'] }).reply(200, 'list')
    pool.intercept({ path: '/h', headers: { a: 'b' } }).reply(200, 'headers').persist()
    pool.intercept({ path: '' }).reply(200, 'empty')
    pool.intercept({ path: 'bare' }).reply(200, 'bare')
    pool.intercept({ path: 'http://b.test/absolute?q' }).reply('200', 'absolute')
    pool.intercept({ path: '/fields' }).reply(200, '', { headers: { a: undefined, b: null } })
    pool.intercept({ path: '/octets', method: 'POST', body: /x/ }).reply(200, 'octets').persist()
    pool.intercept({ path: '/text', method: 'POST', body: 'x' }).reply(200, 'text').persist()
    for (const options of [
      { path: '/list', headers: { a: 'b' } }, { path: '/list', headers: { 0: 'a', 1: 'b' } },
      { path: '/h', headers: new Headers({ a: 'b' }) }, { path: '/h', headers: new Map([['a', 'b']]) }, { path: '/h', headers: { a: ['b'] } },
      { path: '' }, { path: '/' }, { path: 'bare' }, { path: '/bare' }, { path: '/absolute?q' }, { path: '/fields' },
      { path: '/?a=1?b', query: { c: 1 } }, { path: '/?a=1#b' }, { path: '/?a=1?b' },
      { path: '/octets', method: 'POST', body: Buffer.from('x') }, { path: '/octets', method: 'POST', body: new Uint8Array([120]) },
      { path: '/octets', method: 'POST' }, { path: '/text', method: 'POST', body: Buffer.from('x') },
      { origin: 'http://a.test:80', path: '/h' }, { origin: 'http://a.test/', path: '/h' }, { origin: 'no URL' }, { origin: '' }, { origin: undefined }
    ]) {
      await kit.ask(agent, options)
    }
    for (const wrong of ['no URL', '', 'http://a.test/path']) {
      kit.attempt(() => agent.get(wrong))
    }
  },

  // --- how often and when
  async 'times and persist say how often' (kit) {
    const { agent, pool } = closed(kit)
    pool.intercept({ path: '/twice' }).reply(200).times(2)
    pool.intercept({ path: '/always' }).reply(200).persist()
    for (const path of ['/twice', '/twice', '/twice', '/always', '/always', '/always']) {
      await kit.ask(agent, { path })
    }
  },

  async 'a delayed reply comes later, after its request has started' (kit) {
    const { agent, pool } = closed(kit)
    pool.intercept({ path: '/' }).reply(200, 'late').delay(10)
    await new Promise((resolve) => {
      const handler = kit.handler()
      for (const name of ['onComplete', 'onResponseEnd']) {
        const end = handler[name]
        handler[name] = end && ((...values) => { end.apply(handler, values); resolve() })
      }
      agent.dispatch({ origin, path: '/', method: 'GET' }, handler)
      kit.log('dispatched')
    })
  },

  async 'an abort while a reply is delayed ends the request' (kit) {
    const { agent, pool } = closed(kit)
    pool.intercept({ path: '/' }).reply(200, 'late').delay(100_000)
    let abort
    agent.dispatch({ origin, path: '/', method: 'GET' }, kit.handler({ started: (controller) => { abort = controller.abort } }))
    abort(new Error('enough'))
    abort(new Error('again'))
  },

  async 'an abort at the start leaves nothing to reply to' (kit) {
    const { agent, pool } = closed(kit)
    pool.intercept({ path: '/' }).reply(200, 'late')
    agent.dispatch({ origin, path: '/', method: 'GET' }, kit.handler({ started: ({ abort }) => abort(new Error('enough')) }))
    await kit.ask(agent)
  },

  async 'a signal aborts a mocked request, before it and during it' (kit) {
    const { agent, pool } = closed(kit)
    pool.intercept({ path: '/' }).reply(200, 'late').delay(100_000).times(2)
    const signal = AbortSignal.abort(new Error('before'))
    await kit.ask(agent, { signal })
    const controller = new AbortController()
    const asked = kit.ask(agent, { signal: controller.signal })
    controller.abort(new Error('during'))
    await asked
  },

  async 'a handler hears of the body that it sends' (kit) {
    const { agent, pool } = closed(kit)
    const interceptor = pool.intercept({ path: '/', method: 'POST' })
    const options = { origin, path: '/', method: 'POST' }
    for (const body of ['text', Buffer.from('octets'), ['a', 'list'], undefined]) {
      interceptor.reply(200, ({ body }) => `got ${body}`)
      agent.dispatch({ ...options, body }, kit.handler({ body: true }))
    }
    async function * generated () {
      yield 'some'
      yield 'chunks'
    }
    interceptor.reply(200, async ({ body }) => {
      const chunks = []
      for await (const chunk of body) chunks.push(chunk)
      return `got ${chunks}`
    })
    await new Promise((resolve) => {
      const handler = kit.handler({ body: true })
      const end = handler.onResponseEnd ?? handler.onComplete
      handler[handler.onResponseEnd ? 'onResponseEnd' : 'onComplete'] = (...values) => { end.apply(handler, values); resolve() }
      agent.dispatch({ ...options, body: generated() }, handler)
    })
  },

  async 'stream, pipeline and a callback of request are answered as well' (kit) {
    const { Writable } = require('node:stream')
    const { agent, pool } = closed(kit)
    pool.intercept({ path: '/', method: 'POST' }).reply(200, 'body', { headers: { a: 'b' } }).persist()
    const options = { origin, path: '/', method: 'POST' }
    await agent.stream(options, ({ statusCode, headers }) => {
      kit.log('stream', statusCode, headers)
      return new Writable({ write (chunk, encoding, done) { kit.log('written', String(chunk)); done() } })
    })
    await new Promise((resolve) => agent.request(options, (error, { statusCode, body }) => {
      kit.log('callback', String(error), statusCode)
      body.dump().then(resolve)
    }))
    const chunks = []
    for await (const chunk of agent.pipeline(options, ({ body }) => body).end('sent')) {
      chunks.push(chunk)
    }
    kit.log('pipeline', Buffer.concat(chunks).toString())
  },

  // --- the agent
  async 'origins are matched as strings, URLs, RegExps and functions' (kit) {
    const agent = new kit.MockAgent()
    agent.disableNetConnect()
    agent.get(/^http:\/\/b/).intercept({ path: '/' }).reply(200, 'regexp').times(2)
    agent.get((origin) => origin.endsWith('c.test')).intercept({ path: '/' }).reply(200, 'function')
    for (const name of ['http://b.test', 'http://bb.test', 'http://c.test', 'http://b.test']) {
      await kit.ask(agent, { origin: name })
    }
    kit.log('pending', agent.pendingInterceptors().map(({ origin }) => String(origin)))
  },

  async 'the dispatcher of an origin stays the same' (kit) {
    const agent = new kit.MockAgent()
    const pattern = /x/
    const [pool, matched] = [agent.get(origin), agent.get(pattern)]
    kit.log(agent.get(origin) === pool, agent.get(pattern) === matched, agent.get('http://b.test') === pool)
    kit.log(agent.get(origin) instanceof kit.MockPool, agent.get(origin) instanceof kit.Pool, agent instanceof kit.Dispatcher)
    const single = new kit.MockAgent({ connections: 1 })
    kit.log(single.get(origin) instanceof kit.MockClient, single.get(origin) instanceof kit.Client)
  },

  async 'the case of an origin does not count, nor whether it is a URL' (kit) {
    const agent = new kit.MockAgent()
    agent.disableNetConnect()
    agent.get('http://A.test').intercept({ path: '/' }).reply(200, 'one').persist()
    kit.log(agent.get(new URL('http://a.test/')) === agent.get('HTTP://a.TEST'))
    await kit.ask(agent, { origin: 'http://a.TEST' })
    await kit.ask(agent, { origin: new URL('http://a.test/') })
  },

  async 'options and arguments that are wrong are refused' (kit) {
    const { agent, pool } = closed(kit)
    const interceptor = pool.intercept({ path: '/' })
    const scope = interceptor.reply(200)
    const attempts = [
      () => new kit.MockAgent({ agent: {} }),
      () => new kit.MockAgent({ agent: { dispatch: 'no function' } }),
      () => new kit.MockClient(origin),
      () => new kit.MockPool(origin, { agent: {} }),
      () => pool.intercept(),
      () => pool.intercept({}),
      () => pool.intercept('string'),
      () => pool.intercept({ path: '/' }).reply(),
      () => interceptor.reply(200, '', 'no object'),
      () => interceptor.replyWithError(),
      () => interceptor.defaultReplyHeaders(),
      () => interceptor.defaultReplyTrailers(),
      ...[undefined, 'a', 1.5, 0, -1].flatMap((value) => [() => scope.delay(value), () => scope.times(value)]),
      () => agent.enableNetConnect(1),
      () => agent.enableNetConnect(null)
    ]
    attempts.forEach(kit.attempt)
  },

  async 'booleans are checked' ({ attempt, MockAgent }) {
    for (const name of ['enableCallHistory', 'acceptNonStandardSearchParameters', 'ignoreTrailingSlash']) {
      attempt(() => new MockAgent({ [name]: 'yes' }))
    }
  },

  async 'what is pending is listed' (kit) {
    const { agent, pool } = closed(kit)
    pool.intercept({ path: '/a', query: { b: 1 }, headers: { c: 'd' }, body: 'e', method: 'POST' }).reply(200, 'f', { headers: { g: 'h' } })
    pool.intercept({ path: '/used' }).reply(200).times(2)
    pool.intercept({ path: '/persistent' }).reply(200).persist()
    pool.intercept({ path: '/error' }).replyWithError(new Error('no')).delay(1)
    await kit.ask(agent, { path: '/used' })
    await kit.ask(agent, { path: '/persistent' })
    for (const pending of agent.pendingInterceptors()) {
      kit.log('pending', pending)
    }
    kit.attempt(() => agent.assertNoPendingInterceptors({ pendingInterceptorsFormatter: { format: (list) => `${list.length} in all` } }))
    process.env.CI ??= 'true'
    kit.attempt(() => agent.assertNoPendingInterceptors())
    await kit.ask(agent, { path: '/used' })
    await kit.ask(agent, { path: '/error' })
    kit.attempt(() => agent.assertNoPendingInterceptors())
    await kit.ask(agent, { path: '/a?b=1', headers: { c: 'd' }, body: 'e', method: 'POST' })
    kit.attempt(() => agent.assertNoPendingInterceptors())
  },

  async 'mocks can be cleaned, of one dispatcher' (kit) {
    const { agent, pool } = closed(kit)
    const before = pool.intercept({ path: '/' })
    before.reply(200)
    pool.cleanMocks()
    before.reply(200)
    await kit.ask(agent)
    kit.log(agent.pendingInterceptors().length)
    pool.intercept({ path: '/' }).reply(200, 'new')
    await kit.ask(agent)
  },

  async 'an agent may be given, with its interceptors' (kit) {
    const composed = new kit.Agent().compose((dispatch) => (options, handler) => dispatch({ ...options, path: '/changed' }, handler))
    for (const given of [new kit.Agent(), composed]) {
      const { agent, pool } = closed(kit, { agent: given })
      pool.intercept({ path: '/changed' }).reply(200, 'changed')
      pool.intercept({ path: '/' }).reply(200, 'as it was')
      await kit.ask(agent)
      kit.log(agent.pendingInterceptors().map(({ path }) => path))
    }
  },

  async 'a composed mock agent is a mock agent' (kit) {
    const agent = new kit.MockAgent().compose((dispatch) => (options, handler) => dispatch({ ...options, path: '/changed' }, handler))
    agent.disableNetConnect()
    agent.get(origin).intercept({ path: '/changed' }).reply(200, 'changed')
    kit.log(agent.isMockActive, agent.pendingInterceptors().length)
    await kit.ask(agent)
    await kit.ask(agent)
    const pool = agent.get(origin).compose((dispatch) => (options, handler) => dispatch({ ...options, path: '/again' }, handler))
    pool.intercept({ path: '/again' }).reply(200, 'again')
    await kit.ask(pool)
  },

  async 'a mocked dispatcher may be made alone' (kit) {
    const agent = new kit.MockAgent()
    agent.disableNetConnect()
    for (const Class of [kit.MockClient, kit.MockPool]) {
      const dispatcher = new Class(origin, { agent })
      dispatcher.intercept({ path: '/' }).reply(200, 'alone')
      await kit.ask(dispatcher)
      kit.attempt(() => dispatcher.dispatch({ path: '/', method: 'GET' }, kit.handler()))
      await dispatcher.close()
    }
  },

  async 'an agent that is closed takes no more requests' (kit) {
    const { agent, pool } = closed(kit)
    pool.intercept({ path: '/' }).reply(200).persist()
    await agent.close()
    kit.log(agent.pendingInterceptors().length)
    await kit.ask(agent)
  },

  async 'a dispatcher that is closed is replaced by the agent' (kit) {
    const { agent, pool } = closed(kit)
    pool.intercept({ path: '/' }).reply(200)
    await pool.close()
    kit.log(agent.get(origin) === pool, agent.pendingInterceptors().length)
    agent.get(origin).intercept({ path: '/' }).reply(200, 'of another')
    await kit.ask(agent)
    await agent.close()
  },

  async 'a MockNotMatchedError is told by its code and its brand' (kit) {
    const { MockNotMatchedError } = kit.mockErrors
    const error = new MockNotMatchedError()
    kit.log(error, error instanceof kit.errors.UndiciError, error instanceof MockNotMatchedError, new Error('no') instanceof MockNotMatchedError)
    kit.log(new MockNotMatchedError('a message'))
    const { agent } = closed(kit)
    await agent.request({ origin, path: '/' }).catch((error) => kit.log(error instanceof MockNotMatchedError))
  },

  // --- the call history
  async 'calls are logged with their URL in parts' (kit) {
    const { agent, pool } = closed(kit, { enableCallHistory: true })
    pool.intercept({ path: /./, method: /./ }).reply(200).persist()
    await kit.ask(agent, { path: '/a?b=c#d', headers: { e: 'f' }, method: 'POST', body: 'g' })
    await kit.ask(agent, { path: '/a', query: { h: [1, 2], i: 'j' } })
    await kit.ask(agent, { origin: 'http://unknown.test:81', headers: ['k', 'l'] })
    await kit.ask(pool, { path: '/not by the agent' })
    for (const log of agent.getCallHistory()) {
      kit.log({ ...log }, [...log.toMap()], String(log))
    }
  },

  async 'the history is kept while it is enabled' (kit) {
    const { agent, pool } = closed(kit)
    pool.intercept({ path: /./ }).reply(200).persist()
    kit.log(agent.getCallHistory())
    agent.clearCallHistory()
    kit.log(agent.enableCallHistory() === agent, agent.getCallHistory())
    await kit.ask(agent, { path: '/a' })
    kit.log(agent.disableCallHistory() === agent)
    await kit.ask(agent, { path: '/b' })
    const history = agent.getCallHistory()
    kit.log(history.calls().length, history.firstCall().path, history.lastCall().path)
    agent.clearCallHistory()
    kit.log(history.calls().length, history.firstCall(), history.lastCall(), agent.getCallHistory() === history)
    agent.enableCallHistory()
    await kit.ask(agent, { path: '/c' })
    await agent.close()
    kit.log(history.calls().length)
  },

  async 'the history is filtered' (kit) {
    const { agent, pool } = closed(kit, { enableCallHistory: true })
    pool.intercept({ path: /./, method: /./ }).reply(200).persist()
    agent.get('https://b.test:8443').intercept({ path: /./, method: /./ }).reply(200).persist()
    await kit.ask(agent, { path: '/one' })
    await kit.ask(agent, { path: '/two#h', method: 'POST' })
    await kit.ask(agent, { origin: 'https://b.test:8443', path: '/one?x' })
    const history = agent.getCallHistory()
    const found = (call) => kit.attempt(() => kit.log('found', [call()].flat().map((log) => log?.fullUrl)))
    for (const [name, values] of Object.entries({
      Protocol: ['https:', /http/],
      Host: ['a.test', /test/],
      Port: ['', '8443', undefined],
      Origin: [origin, null],
      Path: ['/one', /o$/],
      Hash: ['#h', /^$/],
      FullUrl: ['https://b.test:8443/one?x', /x$/],
      Method: ['POST', /GET/, 1, {}]
    })) {
      for (const value of values) {
        found(() => history[`filterCallsBy${name}`](value))
      }
    }
    for (const [criteria, options] of [
      [{}], [{ path: '/one', method: 'POST' }], [{ path: '/one', method: 'GET', port: '8443' }, { operator: 'AND' }],
      [{ path: '/one', method: 'POST' }, { operator: 'or' }], [{ unknown: 'a' }], [{ unknown: 'a' }, { operator: 'and' }],
      [{ path: '/one' }, { operator: 'XOR' }], [{ path: '/one' }, { operator: 1 }], [{ path: '/one' }, {}],
      [/8443/], [(log) => log.method === 'POST'], ['string'], [null], [undefined], [{ path: 1 }]
    ]) {
      found(() => history.filterCalls(criteria, options))
    }
    for (const number of [1, 3, 4, 0, -1, 1.5, '1', NaN]) {
      found(() => history.nthCall(number))
    }
    found(() => history.filterCallsByPath('/one', [history.lastCall()]))
    found(() => history.filterCallsByPath('/one', []))
    kit.log([...history].length)
  },

  async 'a mocked dispatcher is connected until it is closed' (kit) {
    for (const options of [{}, { connections: 1 }]) {
      const { pool } = closed(kit, options)
      kit.log({ ...pool.stats })
      await pool.close()
      kit.log(pool.stats.connected)
    }
  },

  async 'a log stands alone' (kit) {
    const log = new kit.MockCallHistoryLog({ origin, path: '/a', method: 'GET', query: { b: 'c' }, body: null })
    kit.log({ ...log }, String(log))
    kit.attempt(() => new kit.MockCallHistoryLog({ path: 'no origin' }))
    kit.attempt(() => new kit.MockCallHistoryLog())
  }
}

// Where undici 6 had no such thing, or undici 8 does it better.
const since8 = new Set([
  'what had no match is said, with how many interceptors are left',
  'a slash at the end does not count where it is to be ignored',
  'lists in a query are read as servers write them where that is accepted',
  'numbers, booleans and views that are false or no octets are a body too',
  'a function may promise the whole reply',
  'what is unusual is taken as undici takes it',
  'a delayed reply comes later, after its request has started',
  'an abort while a reply is delayed ends the request',
  'an abort at the start leaves nothing to reply to',
  'a signal aborts a mocked request, before it and during it',
  'a handler hears of the body that it sends',
  'headers and trailers are told as they were given',
  'a reply function that fails, or makes no reply, fails the request',
  'options and arguments that are wrong are refused',
  'what is pending is listed',
  'mocks can be cleaned, of one dispatcher',
  'an agent may be given, with its interceptors',
  'a composed mock agent is a mock agent',
  'the case of an origin does not count, nor whether it is a URL',
  'booleans are checked',
  'calls are logged with their URL in parts',
  'the history is kept while it is enabled',
  'the history is filtered',
  'a mocked dispatcher is connected until it is closed',
  'a log stands alone'
])

// undici 6 does not say how many interceptors are left.
const withoutCount = (trace) => trace.map((line) => line.replace(/, \d+ interceptor\(s\) remaining out of \d+ defined/, ''))

const generations = [1, 2]

for (const [name, scenario] of Object.entries(scenarios)) {
  test(name, async (t) => {
    for (const generation of generations) {
      const trace = await play(scenario, { ...dodici, generation })
      assert.ok(trace.length > 0)
      for (const reference of references) {
        if (reference.name === 'undici6' && since8.has(name)) {
          continue
        }
        await t.test(`as ${reference.name}, with handlers of generation ${generation}`, async () => {
          const expected = await play(scenario, reference)
          assert.deepStrictEqual(reference.name === 'undici6' ? withoutCount(trace) : trace, expected)
        })
      }
    }
  })
}
