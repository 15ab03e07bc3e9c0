'use strict'

// A RoundRobinPool: one origin, and requests go to its clients in turn.

const { PoolBase } = require('./pool-base')
const { Client } = require('./client')
const { POOL, check, forMembers } = require('./pool-options')
const { kUrl } = require('../core/symbols')
const { ownOrigin, parseOrigin } = require('../core/url')

class RoundRobinPool extends PoolBase {
  #url
  #options
  #connections
  #factory
  #clientTtl
  // Who had the last request.
  #turn = -1

  /**
   * @param {string|URL|object} origin a path, query or fragment is refused
   * @param {object} [options] see docs/api/RoundRobinPool.md
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
    this.#connections = connections || Infinity
    this.#factory = factory ?? ((url, own) => new Client(url, own))
    this.#clientTtl = clientTtl > 0 ? clientTtl : Infinity
  }

  get [ownOrigin] () {
    return this.#url.origin
  }

  get [kUrl] () {
    return this.#url
  }

  // --- for PoolBase

  select () {
    this.#retireStale()
    const members = this.members
    for (let looked = 0; looked < members.length; looked++) {
      this.#turn = (this.#turn + 1) % members.length
      if (!members[this.#turn].isBusy) {
        return members[this.#turn]
      }
    }
    return this.#another()
  }

  hasRoom () {
    this.#retireStale()
    return this.members.some((member) => !member.isBusy) || this.#another() !== null
  }

  memberFailedToConnect (member, origin) {
    this.#leave(member)
    if (this.queued > 0) {
      this.serveQueue(origin, member.dispatcher)
    }
  }

  // --- inside

  #retireStale () {
    if (this.#clientTtl === Infinity) {
      return
    }
    const now = Date.now()
    for (const member of [...this.members]) {
      if (member.connectedAt > 0 && now - member.connectedAt > this.#clientTtl) {
        this.#leave(member)
      }
    }
  }

  // The turn stays with those who are left.
  #leave (member) {
    const at = this.members.indexOf(member)
    if (at !== -1 && at <= this.#turn) {
      this.#turn--
    }
    this.retire(member)
  }

  #another () {
    return this.members.length < this.#connections ? this.add(this.#factory(this.#url, this.#options), this.#url) : null
  }
}

module.exports = { RoundRobinPool }
