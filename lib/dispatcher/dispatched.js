'use strict'

// The exchanges of a dispatcher that are not settled, in the order of their dispatch, linked through their own fields
// `earlier` and `later`.
//
// Why not a Set: one that much is added to and deleted from makes itself a new table again and again, and each old table
// keeps what it held and refers to the next. The first that a collection promotes holds all that come after it, with the
// exchanges of their time, until a full collection: of 50 MB of garbage 15 survived each scavenge. A link that goes away
// with its exchange holds nothing.

class Dispatched {
  #first = null
  #last = null
  #size = 0

  get size () {
    return this.#size
  }

  add (exchange) {
    exchange.earlier = this.#last
    if (this.#last === null) {
      this.#first = exchange
    } else {
      this.#last.later = exchange
    }
    this.#last = exchange
    this.#size++
  }

  /** An exchange that is in it leaves it. */
  remove (exchange) {
    const { earlier, later } = exchange
    if (earlier === null) {
      this.#first = later
    } else {
      earlier.later = later
    }
    if (later === null) {
      this.#last = earlier
    } else {
      later.earlier = earlier
    }
    exchange.earlier = null
    exchange.later = null
    this.#size--
  }

  /** All that are in it now. */
  all () {
    const exchanges = []
    for (let exchange = this.#first; exchange !== null; exchange = exchange.later) {
      exchanges.push(exchange)
    }
    return exchanges
  }
}

module.exports = { Dispatched }
