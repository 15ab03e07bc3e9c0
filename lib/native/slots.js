'use strict'

// A table of what has a name across the thread boundary: a slot, used again and again, and a generation
// that tells the users of one slot apart.

class Slots {
  #entries = []
  #generations = []
  #free = []
  #size = 0

  get size () {
    return this.#size
  }

  /** Gives `entry` a name, in its own fields `slot` and `generation`. */
  add (entry) {
    let slot
    if (this.#free.length > 0) {
      slot = this.#free.pop()
    } else {
      slot = this.#entries.length
      this.#entries.push(null)
      this.#generations.push(0)
    }
    entry.slot = slot
    entry.generation = this.#generations[slot]
    this.#entries[slot] = entry
    this.#size++
  }

  /** The bearer of a name, or null where that is a name of the past. */
  find (slot, generation) {
    return this.#generations[slot] === generation ? this.#entries[slot] : null
  }

  /** Hands the name of `entry` on to `heir`. */
  bequeath (entry, heir) {
    heir.slot = entry.slot
    heir.generation = entry.generation
    this.#entries[entry.slot] = heir
    entry.slot = -1
  }

  /** Takes the name away; whatever still comes under it is void. */
  remove (entry) {
    const slot = entry.slot
    this.#entries[slot] = null
    this.#generations[slot] = (this.#generations[slot] + 1) | 0
    this.#free.push(slot)
    this.#size--
    entry.slot = -1
  }

  /** All that bear a name now. */
  entries () {
    return this.#entries.filter((entry) => entry !== null)
  }
}

module.exports = { Slots }
