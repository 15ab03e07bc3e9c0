// The Agent: any origin.

import { URL } from 'node:url'
import TClientStats from './client-stats'
import Dispatcher from './dispatcher'
import Pool from './pool'
import TPoolStats from './pool-stats'

export default Agent

/**
 * Sends requests to any origin, through a dispatcher for each that it makes when it is needed.
 *
 * Source: undici 8.
 */
declare class Agent extends Dispatcher {
  /**
   * @throws InvalidArgumentError for `factory`, `connect` and `maxOrigins`. What is wrong with the other options
   * the handler of the first request hears, as in undici.
   */
  constructor (options?: Agent.Options)

  /** Whether `close` or `destroy` was called. */
  readonly closed: boolean
  /** Whether `destroy` was called, or `close` has come to its end. */
  readonly destroyed: boolean
  /** The figures of this moment, by origin. */
  readonly stats: Record<string, TClientStats | TPoolStats>

  /**
   * As {@link Dispatcher.dispatch}; the options need an `origin`.
   * @throws InvalidArgumentError; MaxOriginsReachedError: to the handler.
   */
  dispatch (options: Agent.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean
}

declare namespace Agent {
  export interface Options extends Pool.Options {
    /** Makes the dispatchers. Default: a Client where `connections` is 1, else a Pool. */
    factory?: (origin: string | URL, options: object) => Dispatcher
    /** How many origins at a time at most. Default: no bound. @throws MaxOriginsReachedError */
    maxOrigins?: number
  }

  export interface DispatchOptions extends Dispatcher.DispatchOptions {}
}
