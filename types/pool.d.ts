// The Pool: one origin, several connections. What it counts is in pool-stats.d.ts.

import { URL } from 'node:url'
import Client from './client'
import Dispatcher from './dispatcher'
import TPoolStats from './pool-stats'

export default Pool

/**
 * Sends requests to one origin over up to `connections` connections, which are opened as requests need them.
 *
 * Source: undici 8.
 */
declare class Pool extends Dispatcher {
  /**
   * @param origin an `http:` URL without path, query and fragment.
   * @throws InvalidArgumentError for the origin, `connections`, `factory` and `connect`. What is wrong with the other
   * options the handler of the first request hears, as in undici.
   */
  constructor (origin: string | URL, options?: Pool.Options)

  /** Whether `close` or `destroy` was called. */
  readonly closed: boolean
  /** Whether `destroy` was called, or `close` has come to its end. */
  readonly destroyed: boolean
  /** The figures of this moment. */
  readonly stats: TPoolStats
}

declare namespace Pool {
  export type PoolStats = TPoolStats

  export interface Options extends Client.Options {
    /** How many connections at most; `null` and 0: no bound. Default: `null`. @throws InvalidArgumentError `invalid connections` */
    connections?: number | null
    /** Makes the clients. The engine does not schedule the connections then. Default: none. */
    factory?: (origin: URL, options: object) => Dispatcher
    /** After how many milliseconds from its connection on a client is taken out; `null`: never. Default: `null`. */
    clientTtl?: number | null
  }
}
