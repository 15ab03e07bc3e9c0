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

class PoolStats {
  /** How many connections are open. */
  connected
  /** How many of them can take a request now. */
  free
  /** How many requests wait to be sent. */
  pending
  /** How many of those wait for a connection that may be opened. */
  queued
  /** How many requests are under way. */
  running
  /** How many there are in all. */
  size

  constructor ({ connected, free, pending, queued, running, size }) {
    this.connected = connected
    this.free = free
    this.pending = pending
    this.queued = queued
    this.running = running
    this.size = size
  }
}

module.exports = { ClientStats, PoolStats }
