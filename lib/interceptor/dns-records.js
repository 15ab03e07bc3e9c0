'use strict'

// The addresses of names, for as long as they may be kept, and whose turn it is. A storage of the user's may keep them;
// the shape of what it is given is undici's: `{ records: { 4: { ips }, 6: { ips } } }`, where `offset` counts the turns.

const { lookup } = require('node:dns')
const { InformationalError } = require('../core/errors')

const MAX_OFFSET = 2 ** 31 - 1

class MemoryStorage {
  #maxItems
  #records = new Map()

  constructor (maxItems) {
    this.#maxItems = maxItems
  }

  get size () {
    return this.#records.size
  }

  get (hostname) {
    return this.#records.get(hostname) ?? null
  }

  set (hostname, records) {
    this.#records.set(hostname, records)
  }

  delete (hostname) {
    this.#records.delete(hostname)
  }

  full () {
    return this.size >= this.#maxItems
  }
}

/** Whose turn it is next, from 0. */
function turn (counted) {
  counted.offset = counted.offset == null || counted.offset === MAX_OFFSET ? 0 : counted.offset + 1
  return counted.offset
}

/** The next address of a family that is not too old; those that are go. Null where there is none. */
function next (family) {
  const ips = family?.ips ?? []
  while (ips.length > 0) {
    const position = turn(family) % ips.length
    const record = ips[position]
    if (Date.now() - record.timestamp <= record.ttl) {
      return record
    }
    ips.splice(position, 1)
  }
  return null
}

class DnsRecords {
  dualStack
  #affinity
  #maxTtl
  #maxItems
  #storage
  #lookup
  #pick

  constructor ({ maxTTL, maxItems, dualStack, affinity, lookup, pick, storage }) {
    this.dualStack = dualStack ?? true
    this.#affinity = affinity ?? (this.dualStack ? null : 4)
    this.#maxTtl = maxTTL ?? 10_000
    this.#maxItems = maxItems ?? Infinity
    this.#storage = storage ?? new MemoryStorage(this.#maxItems)
    this.#lookup = lookup ?? ((origin, options, callback) => this.#resolve(origin, callback))
    this.#pick = pick ?? ((origin, records, affinity) => this.#pickNext(records, affinity))
  }

  /**
   * An address for a name, known or looked up; null where no more names may be kept.
   *
   * @param {URL} origin
   * @param {object} options of the request: `dns` may have an `affinity` of its own
   * @param {(error: Error|null, record: object|null) => void} callback
   */
  find (origin, options, callback) {
    const { hostname } = origin
    const own = {
      affinity: this.#affinity,
      dualStack: this.dualStack,
      lookup: this.#lookup,
      pick: this.#pick,
      ...options.dns,
      maxTTL: this.#maxTtl,
      maxItems: this.#maxItems
    }
    const known = this.#storage.get(hostname)
    if (known != null) {
      const record = this.#pick(origin, known, own.affinity)
      if (record != null) {
        callback(null, record)
        return
      }
      // All that was known is too old.
      this.#storage.delete(hostname)
    }
    if (this.#storage.full()) {
      callback(null, null)
      return
    }
    this.#lookup(origin, own, (error, addresses) => {
      const found = error || addresses == null ? [] : [...addresses]
      if (error || found.length === 0) {
        callback(error ?? new InformationalError('No DNS entries found'))
        return
      }
      this.#keep(hostname, found)
      const record = this.#pick(origin, this.#storage.get(hostname), own.affinity)
      if (record == null) {
        // What was found is of no use, and would not be the next time.
        this.#storage.delete(hostname)
        callback(new InformationalError('No DNS entries found'))
        return
      }
      callback(null, record)
    })
  }

  /** The next address of a name in one family; null where there is none. */
  pickFamily ({ hostname }, family) {
    return next(this.#storage.get(hostname)?.records?.[family])
  }

  /** A name turned out not to be there. */
  forget ({ hostname }) {
    this.#storage.delete(hostname)
  }

  #resolve ({ hostname }, callback) {
    const family = this.dualStack ? 0 : this.#affinity
    lookup(hostname, { all: true, family, order: 'ipv4first' }, (error, addresses) => {
      // Some systems name one address more than once.
      callback(error, error ? null : new Map(addresses.map((one) => [`${one.address} ${one.family}`, one])).values())
    })
  }

  #keep (hostname, addresses) {
    const records = { 4: null, 6: null }
    const timestamp = Date.now()
    let shortest = this.#maxTtl
    for (const address of addresses) {
      const ttl = typeof address.ttl === 'number' ? Math.min(address.ttl, this.#maxTtl) : this.#maxTtl
      shortest = Math.min(shortest, ttl)
      records[address.family] ??= { ips: [] }
      records[address.family].ips.push({ ...address, ttl, timestamp })
    }
    this.#storage.set(hostname, { records }, { ttl: shortest })
  }

  #pickNext (known, affinity) {
    const { records } = known
    if (!this.dualStack) {
      return next(records[affinity])
    }
    // Without a preference the families take turns.
    const family = affinity ?? (turn(known) % 2 === 1 ? 6 : 4)
    return next(records[family]) ?? next(records[family === 4 ? 6 : 4])
  }
}

module.exports = { DnsRecords }
