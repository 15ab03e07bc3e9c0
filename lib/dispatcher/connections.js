'use strict'

// The connections of a dispatcher, counted: how many are open, how many of those are on their way out, and how many are
// there to stay. Which exchange is on which of them only the engine knows, so that some of the figures are bounds.

class Connections {
  /** How many there may be. */
  limit
  /** How many are open. */
  open = 0
  /** How many requests one has at most. */
  depth = 1

  // Some are on their way out: how many aborts the engine has not heard of yet, how often it has said that the
  // connection of an exchange ends, and the exchanges that have begun and let nothing follow on theirs.
  #aborting = 0
  #ending = 0
  #closers = new Set()

  /** @param {number} limit Infinity for no bound */
  constructor (limit) {
    this.limit = limit
  }

  /** How many are there to stay, but for the requests that end theirs. */
  get staying () {
    return this.open - this.#leaving()
  }

  /** How many take another request when they are done with what they have. */
  get lasting () {
    return this.staying - this.#closers.size
  }

  /** All that there may be are open, and each of them ends. */
  get isEnding () {
    return this.open > 0 && this.#leaving() + this.#closers.size >= this.limit
  }

  /** How many of so many requests are under way, as far as one can tell from here. */
  running (size) {
    return Math.min(size, this.open * this.depth)
  }

  /** How many can take another request now, beside so many, as far as one can tell from here. */
  free (size) {
    const depth = this.depth
    const running = this.running(size)
    const full = depth === 1 ? running : Math.floor(Math.max(0, running - this.open) / (depth - 1))
    return Math.max(0, this.staying - Math.max(full, this.#closers.size))
  }

  /** Beside so many requests nothing more is welcome: no connection is left for it, or as much waits as may be opened. */
  isBusy (size) {
    if (this.isEnding) {
      return true
    }
    const pending = size - this.running(size)
    return size >= this.limit * this.depth || (pending > 0 && pending >= this.limit - this.open)
  }

  // --- what happens to them

  opened () {
    this.open++
  }

  closed () {
    this.open--
    // How many aborts and ends told of this one is not known: at most as many as it had requests.
    this.#ending = this.open === 0 ? 0 : Math.max(0, this.#ending - this.depth)
  }

  /** An exchange that was under way is aborted; the engine will say what becomes of its connection. */
  aborting () {
    this.#aborting++
  }

  /** The engine has followed an abort. */
  aborted (isClosing) {
    this.#aborting--
    if (isClosing) {
      this.#ending++
    }
  }

  /** The connection of an exchange takes no more requests and will end. */
  ending (exchange) {
    this.#ending++
    this.#closers.delete(exchange)
  }

  /** The engine is gone, and with it what it would have said of aborts. */
  lost () {
    this.#aborting = 0
  }

  // --- requests that end theirs

  /** Nothing follows this exchange, which has begun. */
  closer (exchange) {
    this.#closers.add(exchange)
  }

  /** It does not end one, or not any more. Returns whether it was expected to. */
  noCloser (exchange) {
    return this.#closers.size > 0 && this.#closers.delete(exchange)
  }

  /** How many end before it is the turn of an exchange. One that is sent again may stand before a closer that has begun already. */
  closersBefore (exchange) {
    if (this.#closers.size === 0) {
      return 0
    }
    let count = 0
    for (const closer of this.#closers) {
      if (closer.number < exchange.number) {
        count++
      }
    }
    return count
  }

  // At least so many, because several exchanges may tell of one.
  #leaving () {
    return this.#aborting + Math.ceil(this.#ending / this.depth)
  }
}

module.exports = { Connections }
