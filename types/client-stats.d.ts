// What a Client counts at one moment.

import Client from './client'

export default ClientStats

/** A snapshot: read `client.stats` again for newer figures. Source: undici 7. */
declare class ClientStats {
  constructor (client: Client)
  /** Whether the connection is open. */
  connected: boolean
  /** Requests that were accepted and not yet given to the connection. */
  pending: number
  /** Requests that are on the connection. */
  running: number
  /** Both together: `pending + running`. */
  size: number
}
