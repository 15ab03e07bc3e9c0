'use strict'

// Shared memory in which large pieces of request bodies go to the engine: copied here, once, and written to the socket from
// where they lie. A tray is free again when its word says so, which nobody has to be told of.

const { TRAYS, TRAYS_AT, TRAY_OCTETS } = require('./layout')

class Trays {
  #states
  #octets
  // The one behind that which was taken last.
  #next = 0

  constructor () {
    // The system gives memory for it as it is used.
    this.memory = new SharedArrayBuffer(TRAYS_AT + TRAYS * TRAY_OCTETS)
    this.#states = new Int32Array(this.memory, 0, TRAYS)
    this.#octets = new Uint8Array(this.memory)
  }

  /** Copies octets onto as many trays as they fill. Returns the places, or null where fewer are free. */
  putAll (octets) {
    const count = Math.ceil(octets.length / TRAY_OCTETS)
    if (count > TRAYS) {
      return null
    }
    const places = Buffer.allocUnsafe(count)
    for (let n = 0; n < count; n++) {
      const place = this.put(octets.subarray(n * TRAY_OCTETS, (n + 1) * TRAY_OCTETS))
      if (place === -1) {
        // The engine has heard of none of them.
        places.subarray(0, n).forEach((taken) => Atomics.store(this.#states, taken, 0))
        return null
      }
      places[n] = place
    }
    return places
  }

  /** Copies at most TRAY_OCTETS octets. Returns the tray's place, or -1 where none is free. */
  put (octets) {
    for (let n = 0; n < TRAYS; n++) {
      const place = (this.#next + n) % TRAYS
      if (Atomics.load(this.#states, place) === 0) {
        Atomics.store(this.#states, place, 1)
        this.#octets.set(octets, TRAYS_AT + place * TRAY_OCTETS)
        this.#next = place + 1
        return place
      }
    }
    return -1
  }
}

module.exports = { Trays }
