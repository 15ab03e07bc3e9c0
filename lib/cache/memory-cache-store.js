'use strict'

// A store that keeps responses in memory, and lets those go that were not asked for the longest when it is full.

const { EventEmitter } = require('node:events')
const { assertKey, assertObject, assertValue, collector, counts, matches } = require('./entry')

const DEFAULTS = { maxCount: 1024, maxSize: 100 * 1024 * 1024, maxEntrySize: 5 * 1024 * 1024 }

const urlOf = ({ origin, path }) => `${origin}:${path}`

class MemoryCacheStore extends EventEmitter {
  #options
  // The responses to each URL, a list each; the URL that was asked for last is the last.
  #entries = new Map()
  #size = 0
  #count = 0
  #hasTold = false

  /**
   * @param {object} [options] `maxCount` (responses, default 1024), `maxSize` (octets of all, default 100 MiB),
   *   `maxEntrySize` (octets of one, default 5 MiB)
   * @throws {TypeError} where one of them is no whole number
   */
  constructor (options) {
    super()
    this.#options = counts('MemoryCacheStore', options, DEFAULTS)
  }

  /** Octets of the contents that are kept. */
  get size () {
    return this.#size
  }

  /** Whether the next response makes others go. */
  isFull () {
    return this.#size >= this.#options.maxSize || this.#count >= this.#options.maxCount
  }

  /**
   * @param {object} key `origin`, `method`, `path`, `headers`
   * @returns {object|undefined} the response, with its content as an array of Buffers
   */
  get (key) {
    assertKey(key)
    const url = urlOf(key)
    const entries = this.#entries.get(url)
    const now = Date.now()
    const entry = entries?.find((one) => one.value.deleteAt > now && isFor(one, key))
    if (entry === undefined) {
      return undefined
    }
    this.#entries.delete(url)
    this.#entries.set(url, entries)
    return { ...entry.value, body: entry.body }
  }

  /** A Writable for the content of a response; it is kept once that has ended, unless it is too large. */
  createWriteStream (key, value) {
    assertKey(key)
    assertValue(value)
    const { statusCode, statusMessage, headers, vary, etag, cacheControlDirectives, cachedAt, staleAt, deleteAt } = value
    // Each is there, also where it is not known: who compares what a store gives finds the same in all.
    const kept = {
      statusMessage, statusCode, headers, vary: vary ?? undefined, etag, cacheControlDirectives, cachedAt, staleAt, deleteAt
    }
    return collector(this.#options.maxEntrySize, (body, size) => this.#keep({ key, value: kept, body, size }))
  }

  /** Forgets the responses to a URL, whatever the method. */
  delete (key) {
    assertObject(key)
    const url = urlOf(key)
    for (const entry of this.#entries.get(url) ?? []) {
      this.#uncount(entry)
    }
    this.#entries.delete(url)
  }

  #keep (entry) {
    const url = urlOf(entry.key)
    const entries = this.#entries.get(url) ?? []
    const at = entries.findIndex((one) => isFor(one, entry.key))
    if (at !== -1) {
      this.#uncount(entries[at])
      entries.splice(at, 1)
    }
    entries.push(entry)
    this.#size += entry.size
    this.#count++
    this.#entries.delete(url)
    this.#entries.set(url, entries)
    if (this.#isOver(1)) {
      this.#tell()
      this.#evict(entry)
    }
  }

  #uncount (entry) {
    this.#size -= entry.size
    this.#count--
  }

  #isOver (part) {
    const { maxSize, maxCount } = this.#options
    return this.#size > maxSize * part || this.#count > maxCount * part
  }

  #tell () {
    if (!this.#hasTold) {
      const { maxSize, maxCount } = this.#options
      this.#hasTold = true
      this.emit('maxSizeExceeded', { size: this.#size, maxSize, count: this.#count, maxCount })
    }
  }

  // Half of the room is made, so that not every response has to make some; the newest goes last.
  #evict (newest) {
    for (const [url, entries] of this.#entries) {
      for (const entry of [...entries]) {
        if (entry !== newest && this.#isOver(0.5)) {
          this.#remove(url, entry)
        }
      }
    }
    if (this.#isOver(1)) {
      this.#remove(urlOf(newest.key), newest)
    }
    if (!this.isFull()) {
      this.#hasTold = false
    }
  }

  #remove (url, entry) {
    const entries = this.#entries.get(url)
    entries.splice(entries.indexOf(entry), 1)
    if (entries.length === 0) {
      this.#entries.delete(url)
    }
    this.#uncount(entry)
  }
}

function isFor ({ key, value }, { method, headers }) {
  return key.method === method && matches(headers, value.vary)
}

module.exports = { MemoryCacheStore }
