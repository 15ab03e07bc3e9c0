'use strict'

// An Agent: a dispatcher for each origin that is asked for, made when it is needed and let go of when it has no
// connection and nothing to do.

const { DispatcherBase } = require('./dispatcher-base')
const { Client } = require('./client')
const { Pool } = require('./pool')
const { AGENT, check, forMembers } = require('./pool-options')
const { InvalidArgumentError, MaxOriginsReachedError } = require('../core/errors')

// Names of what agents share; the engine keeps them apart.
let shares = 0

class Agent extends DispatcherBase {
  #factory
  #options
  #maxOrigins
  // By origin as it was asked for: `{ dispatcher, origin, name }`. One that may not speak HTTP/2 is another.
  #entries = new Map()
  // How many entries an origin has, by its name.
  #origins = new Map()
  // By origin as it is asked for: what stands in for its dispatcher. Null while there was never any.
  #standIns = null

  /**
   * @param {object} [options] see docs/api/Agent.md
   * @throws {InvalidArgumentError} for `factory`, `connect`, `maxOrigins`, `maxConnections` and `maxIdleConnections`; what is wrong with the other options
   *   the handler of the first request hears
   */
  constructor (options = {}) {
    check(AGENT, options)
    super(options, 'Agent')
    this.#maxOrigins = options.maxOrigins ?? Infinity
    this.#factory = options.factory ??
      ((origin, own) => own.connections === 1 ? new Client(origin, own) : new Pool(origin, own))
    this.#options = { ...forMembers(options), maxOrigins: this.#maxOrigins, ...shareOf(options) }
  }

  /** The statistics of each origin that has a dispatcher now. */
  get stats () {
    const stats = {}
    for (const { dispatcher, origin } of this.#entries.values()) {
      if (dispatcher.stats) {
        stats[origin] = dispatcher.stats
      }
    }
    for (const [name, standIn] of this.#standIns ?? []) {
      stats[new URL(name).origin] = standIn.stats
    }
    return stats
  }

  // --- for a MockAgent

  /** Dispatchers that stand in for those of their origins, by the origin as it is asked for. They are closed with the rest. */
  get standIns () {
    return (this.#standIns ??= new Map())
  }

  // --- for DispatcherBase

  onDispatch (options, handler) {
    const { origin } = options
    if (!origin || (typeof origin !== 'string' && !(origin instanceof URL))) {
      throw new InvalidArgumentError('opts.origin must be a non-empty string or URL.')
    }
    const name = String(origin)
    const standIn = this.#standIns?.get(name)
    if (standIn !== undefined) {
      return standIn.dispatch(options, handler)
    }
    const isHttp1Only = (options.allowH2 ?? this.#options.allowH2) === false
    const key = isHttp1Only ? `${name}#http1-only` : name
    const entry = this.#entries.get(key) ?? this.#open(key, name, origin, isHttp1Only)
    return entry.dispatcher.dispatch(options, handler)
  }

  async onClose () {
    await Promise.all(this.#letGo().map((dispatcher) => dispatcher.close()))
  }

  async onDestroy (error) {
    await Promise.all(this.#letGo().map((dispatcher) => dispatcher.destroy(error)))
  }

  // --- inside

  #open (key, name, origin, isHttp1Only) {
    if (this.#origins.size >= this.#maxOrigins && !this.#origins.has(name)) {
      throw new MaxOriginsReachedError()
    }
    const dispatcher = this.#factory(origin, isHttp1Only ? { ...this.#options, allowH2: false } : this.#options)
    const entry = { dispatcher, origin: new URL(name).origin, name }
    dispatcher.on('drain', (origin, targets) => this.emit('drain', origin, [this, ...targets]))
    dispatcher.on('connect', (origin, targets) => this.emit('connect', origin, [this, ...targets]))
    dispatcher.on('disconnect', (origin, targets, error) => {
      this.#closeUnused(key, entry)
      this.emit('disconnect', origin, [this, ...targets], error)
    })
    dispatcher.on('connectionError', (origin, targets, error) => {
      this.#closeUnused(key, entry)
      this.emit('connectionError', origin, [this, ...targets], error)
    })
    this.#entries.set(key, entry)
    this.#origins.set(name, (this.#origins.get(name) ?? 0) + 1)
    return entry
  }

  #closeUnused (key, entry) {
    const { dispatcher, name } = entry
    if (this.#entries.get(key) !== entry || isInUse(dispatcher.stats)) {
      return
    }
    this.#entries.delete(key)
    const count = this.#origins.get(name) - 1
    if (count === 0) {
      this.#origins.delete(name)
    } else {
      this.#origins.set(name, count)
    }
    if (dispatcher.needsDrain) {
      // Somebody waits for that.
      dispatcher.once('drain', () => dispatcher.close())
    } else if (!dispatcher.destroyed) {
      dispatcher.close()
    }
  }

  #letGo () {
    const dispatchers = Array.from(this.#entries.values(), (entry) => entry.dispatcher)
    this.#entries.clear()
    this.#origins.clear()
    if (this.#standIns !== null) {
      dispatchers.push(...[...this.#standIns.values()].filter((standIn) => !standIn.destroyed))
      this.#standIns.clear()
    }
    return dispatchers
  }
}

/** What the connections to all origins share, where they are bounded together. */
function shareOf ({ maxConnections, maxIdleConnections }) {
  return maxConnections == null && maxIdleConnections == null
    ? null
    : { share: { id: ++shares, maxConnections, maxIdleConnections } }
}

function isInUse (stats) {
  return stats !== undefined && (stats.connected > 0 || stats.size > 0)
}

module.exports = { Agent }
