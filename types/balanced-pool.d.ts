// The BalancedPool: several origins that serve the same.

import { URL } from 'node:url'
import Client from './client'
import Dispatcher from './dispatcher'
import Pool from './pool'
import TPoolStats from './pool-stats'

export default BalancedPool

/**
 * Sends requests to several origins in turn, by weight: one that fails loses weight, one that connects gains.
 *
 * Source: undici 8.
 */
declare class BalancedPool extends Dispatcher {
  /**
   * @param upstreams origins: `http:` URLs without path, query and fragment.
   * @throws InvalidArgumentError for an origin and for `factory`.
   */
  constructor (upstreams?: string | URL | Array<string | URL>, options?: BalancedPool.Options)

  /** Adds an origin, unless it is there; all weights start anew. @throws InvalidArgumentError */
  addUpstream (upstream: string | URL): BalancedPool
  /** Takes an origin out, which finishes what it has. @throws InvalidArgumentError */
  removeUpstream (upstream: string | URL): BalancedPool
  /** The dispatcher of an origin. @throws InvalidArgumentError */
  getUpstream (upstream: string | URL): Pool | undefined
  /** The origins. */
  readonly upstreams: string[]

  /** Whether `close` or `destroy` was called. */
  readonly closed: boolean
  /** Whether `destroy` was called, or `close` has come to its end. */
  readonly destroyed: boolean
  /** The figures of this moment, all upstreams together. */
  readonly stats: TPoolStats
}

declare namespace BalancedPool {
  export interface Options extends Client.Options {
    /** How many connections to an origin at most; `null` and 0: no bound. Default: `null`. */
    connections?: number | null
    /** Makes the dispatchers. Default: `(origin, options) => new Pool(origin, options)`. */
    factory?: (origin: string, options: object) => Dispatcher
    /** After how many milliseconds from its connection on a client is taken out; `null`: never. Default: `null`. */
    clientTtl?: number | null
    /** The weight that each origin starts with, and has at most. Default: 100. */
    maxWeightPerServer?: number
    /** What a failure takes of it, and a connection gives. Default: 15. */
    errorPenalty?: number
  }
}
