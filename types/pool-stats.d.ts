// What a pool counts at one moment.

import Dispatcher from './dispatcher'

export default PoolStats

/** A snapshot: read `pool.stats` again for newer figures. */
declare class PoolStats {
  constructor (pool: Dispatcher)
  /** Connections that are open. */
  connected: number
  /** Connections that could take another request now. */
  free: number
  /** Requests that were accepted and not yet given to a connection. */
  pending: number
  /** Those of them for which no connection may be opened: they wait for one to become free. */
  queued: number
  /** Requests that are on a connection. */
  running: number
  /** All together: `pending + running`. */
  size: number
}
