'use strict'

// What the package exports of the web platform, where nobody has set a dispatcher.

const { after, test } = require('node:test')
const assert = require('node:assert')
const dodici = require('../..')
const { listen } = require('./server')

// Before anything is loaded, as a program does that uses Node's fetch first.
const { fetch: ownFetch, Headers } = globalThis

const dispatcher = dodici.getGlobalDispatcher()
const paths = []
const { dispatch } = dispatcher
dispatcher.dispatch = function (options, handler) {
  paths.push(options.path)
  return dispatch.call(this, options, handler)
}
const pathsOf = () => paths.splice(0)

after(() => dispatcher.destroy())

test('fetch goes over our default dispatcher each time, and Node\'s own does not', async (t) => {
  const { origin } = await listen(t)
  for (let count = 0; count < 3; count++) {
    assert.strictEqual(await (await dodici.fetch(`${origin}/hello`)).text(), 'hello')
  }
  assert.deepStrictEqual(pathsOf(), ['/hello', '/hello', '/hello'])
  assert.strictEqual(await (await ownFetch(`${origin}/hello`)).text(), 'hello')
  assert.deepStrictEqual(pathsOf(), [])
})

test('an explicit dispatcher wins, also that of a Request', async (t) => {
  const { origin } = await listen(t)
  const client = new dodici.Client(origin)
  t.after(() => client.destroy())
  await (await dodici.fetch(`${origin}/hello`, { dispatcher: client })).text()
  await (await dodici.fetch(new Request(`${origin}/hello`, { dispatcher: client }))).text()
  await (await dodici.fetch(new dodici.Request(`${origin}/hello`, { dispatcher: client }))).text()
  assert.deepStrictEqual(pathsOf(), [])
})

test('fetch has one parameter, and rejects what Node\'s rejects', async () => {
  assert.strictEqual(dodici.fetch.length, 1)
  assert.strictEqual(dodici.fetch.name, 'fetch')
  for (const values of [[], [undefined], ['x y'], ['http://localhost', 1]]) {
    const own = await ownFetch(...values).catch((error) => error)
    await assert.rejects(dodici.fetch(...values), { name: own.name, message: own.message })
  }
})

test('an error of fetch says who called', async () => {
  async function aCaller () {
    await dodici.fetch('http://127.0.0.1:9')
  }
  const error = await aCaller().catch((error) => error)
  assert.match(error.stack, /aCaller/)
})

test('a reason that is frozen ends the call as it ends Node\'s', async () => {
  const signal = AbortSignal.abort(Object.freeze(new Error('enough')))
  const own = await ownFetch('http://localhost', { signal }).catch((error) => error)
  await assert.rejects(dodici.fetch('http://localhost', { signal }), { name: own.name, message: own.message })
})

test('the classes are Node\'s own', () => {
  assert.strictEqual(dodici.Headers, Headers)
  for (const name of ['Request', 'Response', 'FormData', 'MessageEvent']) {
    assert.strictEqual(dodici[name], globalThis[name])
  }
})

for (const name of ['WebSocket', 'CloseEvent', 'ErrorEvent', 'EventSource']) {
  if (typeof globalThis[name] === 'function') {
    test(`what Node's ${name} has made is an instance of ours`, () => {
      assert.strictEqual(dodici[name].prototype, globalThis[name].prototype)
    })
  } else if (name.endsWith('Event')) {
    test(`${name} is ours where this Node.js has none`, () => {
      assert.strictEqual(new dodici[name]('x').type, 'x')
    })
  } else {
    test(`${name} says that this Node.js has none`, () => {
      assert.throws(() => new dodici[name]('x'), { name: 'NotSupportedError', code: 'UND_ERR_NOT_SUPPORTED', message: new RegExp(`^${name} is not available in Node`) })
    })
  }
}

test('install sets what works on this Node.js', () => {
  const target = {}
  dodici.install(target)
  const names = ['fetch', 'Headers', 'Response', 'Request', 'FormData', 'WebSocket', 'CloseEvent', 'ErrorEvent', 'MessageEvent', 'EventSource']
  const available = names.filter((name) => name.endsWith('Event') || typeof globalThis[name] === 'function')
  assert.deepStrictEqual(Object.keys(target), available)
  assert.ok(available.every((name) => target[name] === dodici[name]))
})

test('install sets the globals', (t) => {
  t.after(() => {
    globalThis.fetch = ownFetch
  })
  dodici.install()
  assert.strictEqual(globalThis.fetch, dodici.fetch)
})

test('after install fetch does not call itself', async (t) => {
  t.after(() => {
    globalThis.fetch = ownFetch
  })
  const { origin } = await listen(t)
  dodici.install()
  assert.strictEqual(await (await globalThis.fetch(`${origin}/hello`)).text(), 'hello')
  assert.deepStrictEqual(pathsOf(), ['/hello'])
})

test('request takes FormData, Blob and Headers of the platform', async (t) => {
  const { origin } = await listen(t)
  const client = new dodici.Client(origin)
  t.after(() => client.destroy())
  const form = new FormData()
  form.append('a', new Blob(['b'], { type: 'text/x' }), 'c')
  const { body } = await client.request({ path: '/echo', method: 'POST', headers: new Headers({ 'x-one': '1' }), body: form })
  const echo = await body.json()
  assert.strictEqual(echo.headers['x-one'], '1')
  assert.match(echo.headers['content-type'], /^multipart\/form-data; boundary=/)
  assert.match(echo.body, /filename="c"\r\nContent-Type: text\/x\r\n\r\nb\r\n/)
  const blob = await client.request({ path: '/echo', method: 'POST', body: new Blob(['abc'], { type: 'text/y' }) })
  const other = await blob.body.json()
  assert.deepStrictEqual([other.body, other.headers['content-type'], other.headers['content-length']], ['abc', 'text/y', '3'])
})
