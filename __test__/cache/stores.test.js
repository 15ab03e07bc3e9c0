'use strict'

// The stores for responses: the same tests for each, and beneath the cache interceptor of undici 8, whose contract they
// keep.

const assert = require('node:assert')
const { mkdtempSync, rmSync } = require('node:fs')
const { tmpdir } = require('node:os')
const path = require('node:path')
const { describe, test } = require('node:test')
const { text } = require('node:stream/consumers')
const { Readable } = require('node:stream')
const { finished } = require('node:stream/promises')
const { serve, keep } = require('../handler/server.js')
const { Agent, cacheStores, errors } = require('../../index.js')
const { MemoryCacheStore, SqliteCacheStore } = cacheStores

function load (name) {
  try {
    return require(name)
  } catch {
    // node:sqlite and undici 8 need a newer Node than we do.
    return null
  }
}

const KEY = { origin: 'http://a.test', method: 'GET', path: '/' }
const value = (more) => ({
  statusCode: 200,
  statusMessage: 'OK',
  headers: { 'content-type': 'text/plain', 'x-a': ['b', 'c'] },
  cacheControlDirectives: { 'max-age': 1 },
  etag: '"a"',
  cachedAt: Date.now(),
  staleAt: Date.now() + 1000,
  deleteAt: Date.now() + 60_000,
  ...more
})

async function write (store, key, one, ...chunks) {
  const stream = store.createWriteStream(key, one)
  for (const chunk of chunks) stream.write(chunk)
  stream.end()
  await finished(stream).catch(() => {})
}

const read = async (store, key) => {
  const found = store.get(key)
  return found && { ...found, body: found.body === undefined ? '' : await text(Readable.from(Buffer.isBuffer(found.body) ? [found.body] : found.body)) }
}
const content = async (store, key) => (await read(store, key))?.body

const stores = { MemoryCacheStore }
if (load('node:sqlite') !== null) {
  stores.SqliteCacheStore = SqliteCacheStore
} else {
  test('a SqliteCacheStore says that this Node has no node:sqlite', () => {
    assert.throws(() => new SqliteCacheStore(), (error) => error instanceof errors.NotSupportedError && error.cause.code === 'ERR_UNKNOWN_BUILTIN_MODULE')
  })
}

for (const [name, Store] of Object.entries(stores)) {
  describe(name, () => {
    test('gives every member of a response, also those that were not written', async () => {
      const store = new Store()
      const { etag, cacheControlDirectives, ...one } = value({ more: 'than is kept' })
      await write(store, KEY, one, 'ab')
      const { more, ...kept } = one
      assert.deepStrictEqual(await read(store, KEY), { ...kept, etag: undefined, vary: undefined, cacheControlDirectives: undefined, body: 'ab' })
    })

    test('gives what was written', async () => {
      const store = new Store()
      const one = value()
      await write(store, KEY, one, 'ab', Buffer.from('cd'))
      const { vary, ...found } = await read(store, KEY)
      assert.deepStrictEqual([found, vary], [{ ...one, body: 'abcd' }, undefined])
    })

    test('gives nothing before the content has ended, and nothing of one that never did', async () => {
      const store = new Store()
      const stream = store.createWriteStream(KEY, value())
      stream.write('ab')
      assert.strictEqual(store.get(KEY), undefined)
      stream.destroy()
      await finished(stream).catch(() => {})
      assert.strictEqual(store.get(KEY), undefined)
    })

    test('gives a response without content', async () => {
      const store = new Store()
      await write(store, KEY, value())
      assert.strictEqual(await content(store, KEY), '')
    })

    test('tells methods, paths and origins apart', async () => {
      const store = new Store()
      await write(store, KEY, value(), 'x')
      for (const other of [{ method: 'HEAD' }, { path: '/b' }, { origin: 'http://b.test' }]) {
        assert.strictEqual(store.get({ ...KEY, ...other }), undefined)
      }
    })

    test('tells requests apart by the fields that the response depends on', async () => {
      const store = new Store()
      const headers = (language) => ({ ...KEY, headers: { 'accept-language': language, 'x-other': String(Math.random()) } })
      await write(store, headers('it'), value({ vary: { 'accept-language': 'it' } }), 'dodici')
      await write(store, headers('en'), value({ vary: { 'accept-language': 'en' } }), 'twelve')
      await write(store, headers(['de', 'en']), value({ vary: { 'accept-language': ['de', 'en'] } }), 'zwölf')
      assert.deepStrictEqual([await content(store, headers('it')), await content(store, headers('en')), await content(store, headers(['de', 'en'])), store.get(headers('fr')), store.get(KEY)], ['dodici', 'twelve', 'zwölf', undefined, undefined])
    })

    test('replaces what it has for the same request', async () => {
      const store = new Store()
      await write(store, KEY, value(), 'old')
      await write(store, KEY, value({ statusCode: 203 }), 'new')
      const { statusCode, body } = await read(store, KEY)
      assert.deepStrictEqual([statusCode, body], [203, 'new'])
    })

    test('gives nothing that is past its end', async () => {
      const store = new Store()
      await write(store, KEY, value({ deleteAt: Date.now() - 1 }), 'x')
      assert.strictEqual(store.get(KEY), undefined)
    })

    test('forgets a URL, whatever the method', async () => {
      const store = new Store()
      await write(store, KEY, value(), 'x')
      await write(store, { ...KEY, method: 'HEAD' }, value())
      store.delete({ ...KEY, method: 'POST' })
      assert.deepStrictEqual([store.get(KEY), store.get({ ...KEY, method: 'HEAD' }), store.size], [undefined, undefined, 0])
    })

    test('does not keep a content larger than maxEntrySize', async () => {
      const store = new Store({ maxEntrySize: 3 })
      await write(store, KEY, value(), 'abc')
      assert.strictEqual(await content(store, KEY), 'abc')
      await write(store, { ...KEY, path: '/b' }, value(), 'ab', 'cd')
      assert.strictEqual(store.get({ ...KEY, path: '/b' }), undefined)
    })

    test('keeps no more than maxCount, and the newest of them', async () => {
      const store = new Store({ maxCount: 2 })
      for (const [index, one] of ['/a', '/b', '/c'].entries()) {
        await write(store, { ...KEY, path: one }, value({ cachedAt: index }), 'x')
      }
      assert.strictEqual(store.get({ ...KEY, path: '/a' }), undefined)
      assert.strictEqual(await content(store, { ...KEY, path: '/c' }), 'x')
    })

    test('refuses what is no key, no value and no option', () => {
      const store = new Store()
      assert.throws(() => store.get('x'), { name: 'TypeError', message: 'expected key to be object, got string' })
      assert.throws(() => store.get({ ...KEY, path: 1 }), { name: 'TypeError', message: 'expected key.path to be string, got number' })
      assert.throws(() => store.delete(1), { name: 'TypeError', message: 'expected key to be object, got number' })
      assert.throws(() => store.createWriteStream(KEY, value({ staleAt: '1' })), { name: 'TypeError', message: 'expected value.staleAt to be number, got string' })
      assert.throws(() => new Store({ maxCount: -1 }), { name: 'TypeError', message: `${name} options.maxCount must be a non-negative integer` })
      assert.throws(() => new Store({ maxEntrySize: 'x' }), { name: 'TypeError', message: `${name} options.maxEntrySize must be a non-negative integer` })
      assert.throws(() => new Store('x'), { name: 'TypeError', message: `${name} options must be an object` })
    })

    const undici8 = load('undici8')
    if (undici8 !== null) {
      test('serves the cache interceptor of undici 8 on our Agent', async (context) => {
        let count = 0
        const origin = await serve(context, (request, response) => {
          response.writeHead(200, { 'cache-control': 'public, max-age=60', vary: 'accept-language', 'content-type': 'text/plain' }).end(`${++count} ${request.headers['accept-language']}`)
        })
        const store = new Store()
        const agent = keep(context, new Agent()).compose(undici8.interceptors.cache({ store }))
        const ask = async (language) => (await agent.request({ origin, path: '/', method: 'GET', headers: { 'accept-language': language } })).body.text()
        assert.deepStrictEqual([await ask('it'), await ask('it'), await ask('en'), await ask('it'), await ask('en')], ['1 it', '1 it', '2 en', '1 it', '2 en'])
      })
    }
  })
}

describe('MemoryCacheStore', () => {
  test('lets those go that were not asked for the longest, and tells once', async () => {
    const store = new MemoryCacheStore({ maxSize: 40 })
    const told = []
    store.on('maxSizeExceeded', (facts) => told.push(facts))
    for (const one of ['/a', '/b', '/c', '/d']) {
      await write(store, { ...KEY, path: one }, value(), 'x'.repeat(10))
    }
    assert.strictEqual(store.isFull(), true)
    store.get({ ...KEY, path: '/a' })
    await write(store, { ...KEY, path: '/e' }, value(), 'x'.repeat(10))
    const left = ['/a', '/b', '/c', '/d', '/e'].filter((one) => store.get({ ...KEY, path: one }))
    assert.deepStrictEqual([left, store.size, store.isFull(), told], [['/a', '/e'], 20, false, [{ size: 50, maxSize: 40, count: 5, maxCount: 1024 }]])
  })

  test('keeps nothing that is larger than all that it may keep', async () => {
    const store = new MemoryCacheStore({ maxSize: 3 })
    await write(store, KEY, value(), 'abcd')
    assert.deepStrictEqual([store.get(KEY), store.size], [undefined, 0])
  })
})

if (stores.SqliteCacheStore !== undefined) {
  describe('SqliteCacheStore', () => {
    test('keeps responses in a file, for the next store and for another one', async (context) => {
      const folder = mkdtempSync(path.join(tmpdir(), 'dodici-cache-'))
      context.after(() => rmSync(folder, { recursive: true }))
      const location = path.join(folder, 'responses.sqlite')
      const one = new SqliteCacheStore({ location })
      const other = new SqliteCacheStore({ location })
      await write(one, KEY, value(), 'abc')
      assert.strictEqual(await content(other, KEY), 'abc')
      one.close()
      other.close()
      const next = new SqliteCacheStore({ location })
      assert.strictEqual(await content(next, KEY), 'abc')
      next.close()
    })

    test('gives back what it has compressed', async () => {
      const store = new SqliteCacheStore({ compressThreshold: 10 })
      for (const [index, type] of ['text/html', 'image/png', undefined].entries()) {
        const key = { ...KEY, path: `/${index}` }
        await write(store, key, value({ headers: type === undefined ? {} : { 'content-type': type } }), 'x'.repeat(1000))
        assert.strictEqual(await content(store, key), 'x'.repeat(1000))
      }
    })

    test('takes what it shall keep at once as well', () => {
      const store = new SqliteCacheStore()
      store.set(KEY, value({ body: Buffer.from('ab') }))
      assert.strictEqual(store.get(KEY).body.toString(), 'ab')
    })

    test('refuses to keep more than 2 GB', () => {
      assert.throws(() => new SqliteCacheStore({ maxEntrySize: 2_000_000_001 }), { name: 'TypeError', message: 'SqliteCacheStore options.maxEntrySize must be less than 2gb' })
    })
  })
}
