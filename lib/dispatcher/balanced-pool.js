'use strict'

// A BalancedPool: several origins that serve the same. Requests go to them in turn by weight (weighted round robin);
// an upstream that fails loses weight, one that connects gains.

const { PoolBase } = require('./pool-base')
const { Pool } = require('./pool')
const { BALANCED_POOL, check, forMembers } = require('./pool-options')
const { ownOrigin, parseOrigin } = require('../core/url')
const { BalancedPoolMissingUpstreamError } = require('../core/errors')

class BalancedPool extends PoolBase {
  #factory
  #options
  #maxWeight
  #penalty
  // The turn: whose it was last, the weight that it takes, and the step by which that falls with each round.
  #turn = -1
  #threshold = 0
  #step = 0

  /**
   * @param {string|URL|object|Array} [upstreams] origins; a path, query or fragment is refused
   * @param {object} [options] see docs/api/BalancedPool.md
   * @throws {InvalidArgumentError} for `factory` and the origins
   */
  constructor (upstreams = [], options = {}) {
    check(BALANCED_POOL, options)
    super(options, 'BalancedPool')
    this.#factory = options.factory ?? ((origin, own) => new Pool(origin, own))
    this.#options = forMembers(options)
    if (typeof options.connections === 'number' && !Number.isFinite(options.connections)) {
      // Unbounded here, although a Pool does not take it.
      delete this.#options.connections
    }
    this.#maxWeight = options.maxWeightPerServer || 100
    this.#penalty = options.errorPenalty || 15
    for (const upstream of Array.isArray(upstreams) ? upstreams : [upstreams]) {
      this.addUpstream(upstream)
    }
  }

  /**
   * Adds an origin, unless it is there. All weights start anew.
   *
   * @param {string|URL|object} upstream
   * @returns {this}
   */
  addUpstream (upstream) {
    const { origin } = parseOrigin(upstream)
    if (this.#find(origin) !== undefined) {
      return this
    }
    this.add(this.#factory(origin, this.#options), new URL(origin))
    for (const member of this.members) {
      member.weight = this.#maxWeight
    }
    this.#measure()
    return this
  }

  /**
   * Takes an origin out. What it has under way it finishes.
   *
   * @param {string|URL|object} upstream
   * @returns {this}
   */
  removeUpstream (upstream) {
    const member = this.#find(parseOrigin(upstream).origin)
    if (member !== undefined) {
      this.remove(member)
    }
    return this
  }

  /**
   * The dispatcher of an origin.
   *
   * @param {string|URL|object} upstream
   * @returns {Dispatcher|undefined}
   */
  getUpstream (upstream) {
    return this.#find(parseOrigin(upstream).origin)?.dispatcher
  }

  /** The origins. */
  get upstreams () {
    return this.members.filter((member) => member.isOpen).map((member) => member.url.origin)
  }

  get [ownOrigin] () {
    return null
  }

  // --- for PoolBase

  select () {
    const members = this.members
    if (members.length === 0) {
      // One might never be added.
      throw new BalancedPoolMissingUpstreamError()
    }
    let heaviest = -1
    for (let looked = 0; looked < members.length; looked++) {
      this.#turn = (this.#turn + 1) % members.length
      if (this.#turn === 0) {
        this.#threshold -= this.#step
        if (this.#threshold <= 0) {
          this.#threshold = this.#maxWeight
        }
      }
      const member = members[this.#turn]
      if (!member.isAvailable) {
        continue
      }
      if (heaviest === -1 || member.weight > members[heaviest].weight) {
        heaviest = this.#turn
      }
      if (member.weight >= this.#threshold) {
        return member
      }
    }
    if (heaviest === -1) {
      return null
    }
    this.#turn = heaviest
    this.#threshold = members[heaviest].weight
    return members[heaviest]
  }

  memberConnected (member) {
    member.weight = Math.min(this.#maxWeight, member.weight + this.#penalty)
  }

  memberFailedToConnect (member) {
    this.#punish(member)
  }

  memberDisconnected (member, error) {
    if (error?.code === 'UND_ERR_SOCKET') {
      this.#punish(member)
    }
  }

  // --- inside

  #find (origin) {
    return this.members.find((member) => member.url.origin === origin && member.isOpen)
  }

  #punish (member) {
    member.weight = Math.max(1, member.weight - this.#penalty)
    this.#measure()
  }

  #measure () {
    this.#step = this.members.reduce((divisor, member) => greatestCommonDivisor(member.weight, divisor), 0)
  }
}

function greatestCommonDivisor (one, other) {
  return other === 0 ? one : greatestCommonDivisor(other, one % other)
}

module.exports = { BalancedPool }
