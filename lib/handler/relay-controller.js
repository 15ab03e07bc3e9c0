'use strict'

// The one controller that a handler sees when several exchanges in turn stand behind its request: it is repeated, or
// led elsewhere. What the handler asks for goes to the exchange that is under way, or to the next one if there is
// none now.

class RelayController {
  #target = null
  // Whom to ask for an abort: the exchange that begins next, or its controller.
  #abortable = null
  #onAbort
  #paused = false
  #held = false
  #aborted = false
  #reason = null

  /** @param {Function} [onAbort] told the reason of an abort before the exchange is, which may be over */
  constructor (onAbort = null) {
    this.#onAbort = onAbort
  }

  /** The controller of an exchange that begins. Returns whether that may go on. */
  begin (target) {
    this.#target = target
    this.#held = false
    this.#abortable = target
    if (this.#aborted) {
      target.abort(this.#reason)
      return false
    }
    if (this.#paused) {
      target.pause()
    }
    return true
  }

  /** An exchange that has not begun can be aborted; see `onDispatched` in lib/api/call.js. */
  dispatched (exchange) {
    this.#abortable = exchange
    if (this.#aborted) {
      exchange.abort(this.#reason)
    }
  }

  pause () {
    this.#paused = true
    this.#target?.pause()
  }

  resume () {
    this.#paused = false
    if (!this.#held) {
      this.#target?.resume()
    }
  }

  /** Stops the exchange, whatever its handler wants. */
  hold () {
    this.#held = true
    this.#target?.pause()
  }

  /** Ends a hold; the exchange goes on if its handler wants that. */
  release () {
    if (this.#held) {
      this.#held = false
      if (!this.#paused) {
        this.#target?.resume()
      }
    }
  }

  abort (reason) {
    if (this.#aborted) {
      return
    }
    this.#aborted = true
    this.#reason = reason
    this.#onAbort?.(reason)
    this.#abortable?.abort(reason)
  }

  /** Whether its handler wants a pause, whoever else holds the exchange. */
  get wantsPause () {
    return this.#paused
  }

  get paused () {
    return this.#paused || (!this.#held && (this.#target?.paused ?? false))
  }

  get aborted () {
    return this.#aborted || (this.#target?.aborted ?? false)
  }

  get reason () {
    return this.#reason ?? this.#target?.reason ?? null
  }

  get timings () {
    return this.#target?.timings ?? null
  }

  get rawHeaders () {
    return this.#target?.rawHeaders ?? null
  }

  set rawHeaders (fields) {
    if (this.#target !== null) {
      this.#target.rawHeaders = fields
    }
  }

  get rawTrailers () {
    return this.#target?.rawTrailers ?? null
  }

  set rawTrailers (fields) {
    if (this.#target !== null) {
      this.#target.rawTrailers = fields
    }
  }
}

module.exports = { RelayController }
