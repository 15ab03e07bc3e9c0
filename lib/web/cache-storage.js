'use strict'

// The CacheStorage of the Service Worker standard (https://w3c.github.io/ServiceWorker/#cachestorage-interface): caches
// by their names, in memory, for as long as the process lives.

const { QUERY_OPTIONS, cacheOf, requestInfo } = require('./cache')
const { assertCount, describe, dictionary, string } = require('./idl')

const MULTI_QUERY_OPTIONS = { ...QUERY_OPTIONS, cacheName: [string, undefined] }

// Who makes one knows this.
const OWN = Symbol('own')

class CacheStorage {
  // The list of each name.
  #lists = new Map()

  constructor (key) {
    if (key !== OWN) {
      throw new TypeError('Illegal constructor')
    }
  }

  async match (request, options = {}) {
    const lists = this.#lists
    assertCount('CacheStorage.match', arguments, 1)
    const info = requestInfo(request)
    const { cacheName, ...query } = dictionary(options, MULTI_QUERY_OPTIONS)
    const searched = cacheName === undefined ? lists.values() : [lists.get(cacheName) ?? []]
    for (const list of searched) {
      const response = await cacheOf(list).match(info, query)
      if (response !== undefined) {
        return response
      }
    }
  }

  async has (cacheName) {
    const lists = this.#lists
    assertCount('CacheStorage.has', arguments, 1)
    return lists.has(string(cacheName))
  }

  async open (cacheName) {
    const lists = this.#lists
    assertCount('CacheStorage.open', arguments, 1)
    const name = string(cacheName)
    if (!lists.has(name)) {
      lists.set(name, [])
    }
    return cacheOf(lists.get(name))
  }

  async delete (cacheName) {
    const lists = this.#lists
    assertCount('CacheStorage.delete', arguments, 1)
    return lists.delete(string(cacheName))
  }

  async keys () {
    return [...this.#lists.keys()]
  }
}

describe(CacheStorage, ['match', 'has', 'open', 'delete', 'keys'])

module.exports = { caches: new CacheStorage(OWN) }
