'use strict'

// A Pool: one origin, several connections. Without `factory` and `clientTtl` it stands on one dispatcher of the
// engine, which schedules the connections itself; with either it is a composition of clients.

const { PoolBase } = require('./pool-base')
const { Client } = require('./client')
const { POOL, check, forMembers } = require('./pool-options')
const { PoolStats } = require('./stats')
const { kUrl } = require('../core/symbols')
const { ownOrigin, parseOrigin } = require('../core/url')

class Pool extends PoolBase {
  #url
  #options
  #connections
  #factory
  #clientTtl
  // The dispatcher of the engine; null before the first request, and for a composition.
  #engine = null
  #isComposed

  /**
   * @param {string|URL|object} origin a path, query or fragment is refused
   * @param {object} [options] see docs/api/Pool.md
   * @throws {InvalidArgumentError} for `connections`, `factory`, `connect` and the origin; what is wrong with
   *   the other options the handler of the first request hears
   */
  constructor (origin, options = {}) {
    check(POOL, options)
    super(options, 'Pool')
    const { connections, factory, clientTtl } = options
    this.#url = parseOrigin(origin)
    this.#options = forMembers(options)
    delete this.#options.connections
    this.#connections = connections ? Math.ceil(connections) : Infinity
    this.#factory = factory ?? ((url, own) => new Client(url, own))
    this.#clientTtl = clientTtl > 0 ? clientTtl : Infinity
    this.#isComposed = factory !== undefined || this.#clientTtl !== Infinity
  }

  get stats () {
    if (this.#isComposed || this.#engine === null) {
      return super.stats
    }
    const { open, connections, free, running, size } = this.#engine
    const pending = size - running
    // Each connection that may still be opened is there for one that waits.
    const queued = Math.max(0, pending - (connections - open))
    return new PoolStats({ connected: open, free, pending, queued, running, size })
  }

  get needsDrain () {
    return this.#engine === null ? super.needsDrain : this.#engine.needsDrain
  }

  onDispatch (options, handler) {
    if (this.#isComposed) {
      return super.onDispatch(options, handler)
    }
    this.#engine ??= this.#open()
    // One that was refused as wrong makes nobody busy.
    return this.#engine.dispatch(options, handler) || !this.#engine.needsDrain
  }

  get [ownOrigin] () {
    return this.#url.origin
  }

  get [kUrl] () {
    return this.#url
  }

  // --- for PoolBase

  select () {
    for (const member of [...this.members]) {
      if (this.#isStale(member)) {
        this.retire(member)
      } else if (!member.isBusy) {
        return member
      }
    }
    return this.#another()
  }

  hasRoom () {
    return this.select() !== null
  }

  memberFailedToConnect (member, origin) {
    if (this.#isComposed) {
      this.retire(member)
      if (this.queued > 0) {
        this.serveQueue(origin, member.dispatcher)
      }
    }
  }

  // --- inside

  #open () {
    const engine = new Client(this.#url, this.#options, this.#connections)
    this.add(engine, this.#url)
    engine.on('drain', (origin, targets) => this.emit('drain', origin, [this, ...targets]))
    return engine
  }

  #isStale ({ connectedAt }) {
    return connectedAt > 0 && Date.now() - connectedAt > this.#clientTtl
  }

  #another () {
    return this.members.length < this.#connections ? this.add(this.#factory(this.#url, this.#options), this.#url) : null
  }
}

module.exports = { Pool }
