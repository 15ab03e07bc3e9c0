'use strict'

// Node's EventSource over our engine, by way of the option `dispatcher` and of the class that the package exports.

const assert = require('node:assert')
const { once } = require('node:events')
const { test } = require('node:test')
const dodici = require('../..')
const { listen } = require('./server')
const { whereAvailable } = require('./flagged')

const next = async (source, name) => (await once(source, name))[0]

// A client that notes what it was asked for.
class Witness extends dodici.Client {
  paths = []

  dispatch (options, handler) {
    this.paths.push(options.path)
    return super.dispatch(options, handler)
  }
}

whereAvailable('EventSource', '--experimental-eventsource', __filename, () => {
  for (const [title, open] of [
    ['a dispatcher as its option', (url, client) => new globalThis.EventSource(url, { dispatcher: client })],
    ['a dispatcher as the option of the exported class', (url, client) => new dodici.EventSource(url, { dispatcher: client })],
    ['the dispatcher of the process', (url, client) => {
      const previous = dodici.getGlobalDispatcher()
      dodici.setGlobalDispatcher(client)
      const source = new dodici.EventSource(url)
      dodici.setGlobalDispatcher(previous)
      return source
    }]
  ]) {
    test(`EventSource with ${title} hears events, and connects again with the id of the last`, async (t) => {
      const { origin } = await listen(t)
      const client = new Witness(origin)
      const source = open(`${origin}/events`, client)
      t.after(() => {
        source.close()
        return client.destroy()
      })
      const again = next(source, 'again')
      const first = await next(source, 'message')
      assert.strictEqual(first.data, 'first')
      assert.strictEqual(first.lastEventId, '1')
      assert.strictEqual(first.origin, origin)
      assert.strictEqual((await again).data, 'after 1')
      assert.deepStrictEqual(client.paths, ['/events', '/events'])
    })
  }

  test('EventSource of the package goes over the default dispatcher where none was set', async (t) => {
    const { origin } = await listen(t)
    const source = new dodici.EventSource(`${origin}/events`)
    t.after(() => {
      source.close()
      return dodici.getGlobalDispatcher().destroy()
    })
    assert.ok(source instanceof globalThis.EventSource)
    assert.strictEqual((await next(source, 'message')).data, 'first')
  })

  test('close ends the exchange', async (t) => {
    const { origin, server } = await listen(t)
    const client = new dodici.Client(origin)
    t.after(() => client.destroy())
    const source = new globalThis.EventSource(`${origin}/never`, { dispatcher: client })
    await once(server, 'waiting')
    const left = once(server, 'left')
    source.close()
    await left
    assert.strictEqual(source.readyState, 2)
  })

  test('what is no stream of events is an error, and not asked for again', async (t) => {
    const { origin, requests } = await listen(t)
    const client = new dodici.Client(origin)
    t.after(() => client.destroy())
    const source = new globalThis.EventSource(`${origin}/hello`, { dispatcher: client })
    await next(source, 'error')
    assert.strictEqual(source.readyState, 2)
    assert.deepStrictEqual(requests, ['GET /hello'])
  })
})
