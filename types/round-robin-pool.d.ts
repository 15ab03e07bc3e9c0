// The RoundRobinPool: a Pool whose clients have their turns.

import { URL } from 'node:url'
import Dispatcher from './dispatcher'
import Pool from './pool'
import TPoolStats from './pool-stats'

export default RoundRobinPool

/**
 * Sends requests to one origin, each to the next client that is not busy.
 *
 * Source: undici 8.
 */
declare class RoundRobinPool extends Dispatcher {
  /**
   * @param origin an `http:` URL without path, query and fragment.
   * @throws InvalidArgumentError as {@link Pool}.
   */
  constructor (origin: string | URL, options?: RoundRobinPool.Options)

  /** Whether `close` or `destroy` was called. */
  readonly closed: boolean
  /** Whether `destroy` was called, or `close` has come to its end. */
  readonly destroyed: boolean
  /** The figures of this moment. */
  readonly stats: TPoolStats
}

declare namespace RoundRobinPool {
  export type RoundRobinPoolStats = TPoolStats
  export type Options = Pool.Options
}
