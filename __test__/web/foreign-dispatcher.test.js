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
