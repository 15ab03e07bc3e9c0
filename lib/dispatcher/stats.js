'use strict'

// What the `stats` of dispatchers are: numbers of this moment.

class ClientStats {
  /** A connection is open. */
  connected
  /** How many requests wait to be sent. */
  pending
  /** How many requests are under way. */
  running
  /** Both together. */
  size

  constructor (connected, running, size) {
    this.connected = connected
    this.pending = size - running
    this.running = running
    this.size = size
  }
}

module.exports = { ClientStats }
