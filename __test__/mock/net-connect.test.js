'use strict'

// Requests that no interceptor is for: which of them are sent, and that mocks do not change those.

const { test } = require('node:test')
const assert = require('node:assert')
const { Agent, Dispatcher, MockAgent, MockClient } = require('../..')
const { serve } = require('./server')
const { dodici, references } = require('./subjects')

async function ask (dispatcher, origin, options) {
  try {
    const { body } = await dispatcher.request({ origin, path: '/', method: 'GET', ...options })
    return await body.text()
  } catch (error) {
    return error.message
  }
}

for (const { name, library } of [dodici, ...references]) {
  test(`requests without an interceptor are sent by the rules of enableNetConnect: ${name}`, async (t) => {
    const origin = await serve(t)
    const { host } = new URL(origin)
    const agent = new library.MockAgent()
    const { port } = new URL(origin)
    const outcomes = []
    const isSent = async () => outcomes.push((await ask(agent, origin)).replace(/, \d+ interceptor.*/, '').replaceAll(port, '<port>'))
    await isSent()
    agent.disableNetConnect()
    await isSent()
    agent.enableNetConnect('another.test')
    await isSent()
    agent.enableNetConnect(host)
    await isSent()
    agent.disableNetConnect()
    agent.enableNetConnect(/^127/)
    await isSent()
    agent.disableNetConnect()
    agent.enableNetConnect((asked) => asked === host)
    await isSent()
    agent.disableNetConnect()
    agent.enableNetConnect()
    await isSent()
    await agent.close()
    const refused = (why) => `Mock dispatch not matched for path '/': subsequent request to origin http://127.0.0.1:<port> was not allowed (${why})`
    assert.deepStrictEqual(outcomes, [
      'real GET /',
      refused('net.connect disabled'),
      refused('net.connect is not enabled for this origin'),
      'real GET /', 'real GET /', 'real GET /', 'real GET /'
    ])
  })

  test(`nothing is intercepted while mocks are not active: ${name}`, async (t) => {
    const origin = await serve(t)
    const agent = new library.MockAgent()
    agent.get(origin).intercept({ path: '/' }).reply(200, 'mocked').persist()
    agent.disableNetConnect()
    const outcomes = [agent.isMockActive, await ask(agent, origin)]
    agent.deactivate()
    outcomes.push(agent.isMockActive, await ask(agent, origin), await ask(agent.get(origin), origin))
    agent.activate()
    outcomes.push(agent.isMockActive, await ask(agent, origin))
    await agent.close()
    assert.deepStrictEqual(outcomes, [true, 'mocked', false, 'real GET /', 'real GET /', true, 'mocked'])
  })
}

test('a request that is sent keeps its body and its handler', async (t) => {
  const origin = await serve(t)
  for (const connections of [undefined, 1]) {
    const agent = new MockAgent({ connections })
    assert.strictEqual(agent.get(origin) instanceof MockClient, connections === 1)
    assert.strictEqual(await ask(agent, origin, { path: '/a', method: 'POST', body: 'sent' }), 'real POST /a sent')
    const first = await new Promise((resolve, reject) => {
      const heard = []
      agent.dispatch({ origin, path: '/b', method: 'GET' }, {
        onConnect: () => heard.push('connect'),
        onHeaders: (status) => heard.push(status),
        onData: (chunk) => heard.push(String(chunk)),
        onComplete: () => resolve(heard),
        onError: reject
      })
    })
    assert.deepStrictEqual(first, ['connect', 200, 'real GET /b'])
    await agent.close()
  }
})

test('a dispatcher says whether it takes more: a mocked one does', async (t) => {
  const origin = await serve(t)
  const agent = new MockAgent({ connections: 1 })
  agent.get(origin).intercept({ path: '/' }).reply(200)
  const ended = new Promise((resolve) => {
    const handler = { onRequestStart () {}, onResponseStart () {}, onResponseData () {}, onResponseEnd: resolve, onResponseError () {} }
    assert.strictEqual(agent.dispatch({ origin, path: '/', method: 'GET' }, { ...handler, onResponseEnd () {} }), true)
    assert.strictEqual(agent.dispatch({ origin, path: '/real', method: 'GET' }, handler), false)
  })
  await ended
  await agent.close()
})

test('a dispatcher of another kind may make the real requests', async (t) => {
  const origin = await serve(t)
  const real = new Agent()
  class Another extends Dispatcher {
    dispatch (options, handler) {
      return real.dispatch({ ...options, path: '/by-another' }, handler)
    }

    async close () {
      await real.close()
    }
  }
  const agent = new MockAgent({ agent: new Another() })
  agent.get(origin).intercept({ path: '/' }).reply(200, 'mocked')
  assert.strictEqual(await ask(agent, origin), 'mocked')
  assert.strictEqual(await ask(agent, origin), 'real GET /by-another')
  agent.disableNetConnect()
  assert.match(await ask(agent, origin), /^Mock dispatch not matched for path '\/'/)
  await agent.close()
})

test('an agent that was given connects as it is told to', async (t) => {
  const origin = await serve(t)
  const given = new Agent()
  const agent = new MockAgent({ agent: given })
  agent.get(origin).intercept({ path: '/' }).reply(200, 'mocked')
  assert.strictEqual(await ask(given, origin), 'mocked')
  assert.strictEqual(await ask(given, origin), 'real GET /')
  assert.deepStrictEqual(Object.entries(given.stats).map(([origin, { connected }]) => [origin, connected]), [[origin, 1]])
  await agent.close()
  assert.strictEqual(given.destroyed, true)
  assert.deepStrictEqual(given.stats, {})
})

test('destroy ends the real requests', async (t) => {
  const origin = await serve(t, () => {})
  const agent = new MockAgent()
  const outcome = ask(agent, origin)
  await agent.destroy(new Error('enough'))
  assert.strictEqual(await outcome, 'enough')
})

// --- where undici lets the process end, or the request wait for ever

const ways = {
  'throws late': (interceptor) => interceptor.reply(200, () => { throw new Error('no data') }).delay(1),
  rejects: (interceptor) => interceptor.reply(200, async () => { throw new Error('no data') })
}

for (const [way, mock] of Object.entries(ways)) {
  test(`a data function that ${way} fails its request`, async () => {
    const agent = new MockAgent()
    mock(agent.get('http://a.test').intercept({ path: '/' }))
    assert.strictEqual(await ask(agent, 'http://a.test'), 'no data')
    await agent.close()
  })
}

test('content-length counts octets, also of what a function returns', async () => {
  const agent = new MockAgent()
  const interceptor = agent.get('http://a.test').intercept({ path: '/' }).replyContentLength()
  for (const data of ['é', () => 'é', async () => 'é', new Uint16Array(1)]) {
    interceptor.reply(200, data)
    const { headers } = await agent.request({ origin: 'http://a.test', path: '/', method: 'GET' })
    assert.strictEqual(headers['content-length'], '2')
  }
  await agent.close()
})

test('an abort without a reason is a RequestAbortedError', async () => {
  const agent = new MockAgent()
  agent.get('http://a.test').intercept({ path: '/' }).reply(200)
  const error = await new Promise((resolve) => {
    agent.dispatch({ origin: 'http://a.test', path: '/', method: 'GET' }, {
      onRequestStart: (controller) => controller.abort(),
      onResponseError: (controller, error) => resolve(error)
    })
  })
  assert.strictEqual(error.code, 'UND_ERR_ABORTED')
  await agent.close()
})

test('after the end an abort is not heard', async () => {
  const agent = new MockAgent()
  agent.get('http://a.test').intercept({ path: '/' }).reply(200)
  const heard = []
  agent.dispatch({ origin: 'http://a.test', path: '/', method: 'GET' }, {
    onRequestStart: () => heard.push('start'),
    onResponseEnd: (controller) => {
      heard.push('end')
      controller.abort(new Error('late'))
    },
    onResponseError: () => heard.push('error')
  })
  assert.deepStrictEqual(heard, ['start', 'end'])
  await agent.close()
})

test('requests that differ in what stands behind the origin share its mocks', async () => {
  const agent = new MockAgent({ ignoreTrailingSlash: true })
  agent.disableNetConnect()
  agent.get('http://a.test/').intercept({ path: '/' }).reply(200, 'mocked').persist()
  assert.strictEqual(await ask(agent, 'http://a.test'), 'mocked')
  assert.strictEqual(await ask(agent, 'http://a.test/'), 'mocked')
  assert.strictEqual(await ask(agent, 'http://a.test', { allowH2: false }), 'mocked')
  await agent.close()
})

test('without a query a path is left alone where lists in queries are accepted', async () => {
  const agent = new MockAgent({ acceptNonStandardSearchParameters: true })
  agent.get('http://a.test').intercept({ path: '/' }).reply(200, 'mocked')
  assert.strictEqual(await ask(agent, 'http://a.test'), 'mocked')
  await agent.close()
})
