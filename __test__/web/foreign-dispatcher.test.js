'use strict'

// fetch and caches of this package where the dispatcher of the process is another package's. Node.js's handlers
// are of the generation of its own undici, and that package may know the other alone.

const assert = require('node:assert')
const { describe, test } = require('node:test')
const dodici = require('../..')
const { foreign, packages } = require('./foreign')
const { listen } = require('./server')

for (const name of packages) {
  describe(name, () => {
    test('fetch', async (t) => {
      const { origin } = await listen(t)
      // The first of them is set before Node.js has loaded its fetch.
      const paths = foreign(t, name)
      const response = await dodici.fetch(`${origin}/mirror`, { method: 'POST', body: 'ciao', headers: { 'content-type': 'text/plain' } })
      assert.deepStrictEqual([response.status, await response.text(), paths], [200, 'ciao', ['/mirror']])
    })

    test('request', async (t) => {
      const { origin } = await listen(t)
      const paths = foreign(t, name)
      const { body } = await dodici.request(`${origin}/hello`)
      assert.deepStrictEqual([await body.text(), paths], ['hello', ['/hello']])
    })

    test('caches', async (t) => {
      const { origin } = await listen(t)
      const paths = foreign(t, name)
      const cache = await dodici.caches.open(name)
      await cache.add(`${origin}/hello`)
      assert.deepStrictEqual([await (await cache.match(`${origin}/hello`)).text(), paths], ['hello', ['/hello']])
    })
  })
}

for (const [what, write] of Object.entries({
  'is none of ours': (dispatch) => ({ dispatch }),
  'extends the base class': (dispatch) => Object.assign(new class extends dodici.Dispatcher {}(), { dispatch }),
  'extends an Agent': (dispatch) => Object.assign(new class extends dodici.Agent {}(), { dispatch })
})) {
  test(`fetch over a dispatcher that ${what} and knows one generation of handlers`, async () => {
    const controller = { pause () {}, resume () {}, abort () {}, rawHeaders: [Buffer.from('a'), Buffer.from('b')], rawTrailers: [] }
    const second = (options, handler) => {
      handler.onRequestStart(controller, {})
      handler.onResponseStart(controller, 200, { a: 'b' }, 'OK')
      handler.onResponseData(controller, Buffer.from(options.path))
      handler.onResponseEnd(controller, {})
      return true
    }
    const first = (options, handler) => {
      handler.onConnect(() => {}, {})
      handler.onHeaders(200, controller.rawHeaders, () => {}, 'OK')
      handler.onData(Buffer.from(options.path))
      handler.onComplete([])
      return true
    }
    for (const dispatch of [first, second]) {
      const response = await dodici.fetch('http://a.test/path', { dispatcher: write(dispatch) })
      assert.deepStrictEqual([response.status, response.headers.get('a'), await response.text()], [200, 'b', '/path'])
    }
  })
}

test('options that throw reject', async () => {
  await assert.rejects(dodici.fetch('http://a.test', { get dispatcher () { throw new Error('of a getter') } }), { message: 'of a getter' })
})
