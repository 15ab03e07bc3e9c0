'use strict'

// A MockAgent as the global dispatcher of Node's own fetch, which brings handlers of its own undici's generation.

const { test, beforeEach, afterEach } = require('node:test')
const assert = require('node:assert')
const { MockAgent, getGlobalDispatcher, request, setGlobalDispatcher } = require('../..')
const { serve } = require('./server')

const origin = 'http://a.test'
let agent
let before

beforeEach(() => {
  agent = new MockAgent()
  agent.disableNetConnect()
  before = getGlobalDispatcher()
  setGlobalDispatcher(agent)
})

afterEach(async () => {
  setGlobalDispatcher(before)
  await agent.close()
})

test('fetch gets the reply', async () => {
  agent.get(origin).intercept({ path: '/a?b=c' }).reply(201, { d: 'e' }, {
    headers: { 'content-type': 'application/json', list: ['f', 'g'] }
  })
  const response = await fetch(`${origin}/a?b=c#h`)
  assert.strictEqual(response.status, 201)
  assert.strictEqual(response.statusText, 'Created')
  assert.strictEqual(response.headers.get('list'), 'f, g')
  assert.deepStrictEqual(await response.json(), { d: 'e' })
})

test('fetch is matched by its headers', async () => {
  const interceptor = { path: '/', headers: { one: 'two', accept: '*/*' } }
  agent.get(origin).intercept(interceptor).reply(200, 'object')
  agent.get(origin).intercept({ ...interceptor, headers: ({ one }) => one === 'three' }).reply(200, 'function')
  for (const [one, text] of [['two', 'object'], ['three', 'function']]) {
    assert.strictEqual(await (await fetch(origin, { headers: { One: one } })).text(), text)
  }
})

const form = new FormData()
form.append('field', 'value')
const bodies = {
  string: 'text',
  Uint8Array: new Uint8Array([1, 2]),
  URLSearchParams: new URLSearchParams({ a: 'b' }),
  Blob: new Blob(['blob']),
  FormData: form
}

for (const [kind, body] of Object.entries(bodies)) {
  test(`a reply function sees the ${kind} that is the body`, async () => {
    let seen
    agent.get(origin).intercept({ path: '/', method: 'POST' }).reply(200, (options) => {
      seen = options.body
      return 'seen'
    })
    const response = await fetch(origin, { method: 'POST', body })
    assert.strictEqual(await response.text(), 'seen')
    assert.strictEqual(Object.prototype.toString.call(seen), Object.prototype.toString.call(kind === 'URLSearchParams' ? 'a=b' : body))
  })
}

test('a reply function sees the stream that is the body', async () => {
  agent.get(origin).intercept({ path: '/', method: 'POST' }).reply(200, async ({ body }) => {
    const chunks = []
    for await (const chunk of body) {
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  })
  const body = new Blob(['streamed']).stream()
  const response = await fetch(origin, { method: 'POST', body, duplex: 'half' })
  assert.strictEqual(await response.text(), 'streamed')
})

test('fetch fails with a TypeError whose cause is the error', async () => {
  agent.get(origin).intercept({ path: '/' }).replyWithError(new Error('no reply'))
  await assert.rejects(fetch(origin), (error) => error instanceof TypeError && error.cause.message === 'no reply')
  await assert.rejects(fetch(origin), (error) => error.cause.code === 'UND_MOCK_ERR_MOCK_NOT_MATCHED')
})

test('a signal aborts fetch while the reply is delayed', async () => {
  agent.get(origin).intercept({ path: '/' }).reply(200).delay(100_000)
  const controller = new AbortController()
  const outcome = assert.rejects(fetch(origin, { signal: controller.signal }), { name: 'AbortError' })
  controller.abort()
  await outcome
})

test('fetch follows a mocked redirect', async () => {
  const pool = agent.get(origin)
  pool.intercept({ path: '/' }).reply(302, '', { headers: { location: '/there' } })
  pool.intercept({ path: '/there' }).reply(200, 'there')
  const response = await fetch(origin)
  assert.strictEqual(response.redirected, true)
  assert.strictEqual(await response.text(), 'there')
})

test('fetch is sent where no interceptor is for it', async (t) => {
  const real = await serve(t)
  agent.enableNetConnect()
  for (const body of ['text', new Blob(['blob']), new URLSearchParams({ a: 'b' }), new Uint8Array([97])]) {
    const text = await new Response(body).text()
    const response = await fetch(real, { method: 'POST', body })
    assert.strictEqual(await response.text(), `real POST / ${text}`)
  }
  agent.deactivate()
  assert.strictEqual(await (await fetch(real)).text(), 'real GET /')
})

test('fetch is logged in the call history', async () => {
  agent.enableCallHistory()
  agent.get(origin).intercept({ path: '/' }).reply(200)
  await fetch(origin, { headers: { one: 'two' } })
  const { method, fullUrl, headers } = agent.getCallHistory().lastCall()
  assert.deepStrictEqual([method, fullUrl, headers.one], ['GET', `${origin}/`, 'two'])
})

test('the calls of the package are answered as well', async () => {
  agent.get(origin).intercept({ path: '/' }).reply(200, 'mocked')
  const { body } = await request(origin)
  assert.strictEqual(await body.text(), 'mocked')
})

for (const generation of [1, 2]) {
  test(`an agent that somebody puts there without asking us gets what Node passes: ${generation}`, async () => {
    const symbol = Symbol.for(`undici.globalDispatcher.${generation}`)
    const own = globalThis[symbol]
    globalThis[symbol] = agent
    agent.get(origin).intercept({ path: '/', method: 'POST', body: 'text' }).reply(200, 'mocked')
    const response = await fetch(origin, { method: 'POST', body: 'text' })
    assert.strictEqual(await response.text(), 'mocked')
    globalThis[symbol] = own
  })
}
