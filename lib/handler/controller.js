'use strict'

// What a handler of the second generation may do with its exchange.

const { Fields } = require('../core/fields')

class RequestController {
  #exchange
  #reason = null
  #aborted = false
  #headers = null
  #trailers = null

  constructor (exchange) {
    this.#exchange = exchange
  }

  /** Stops the body after what is on its way; more comes after `resume()`. */
  pause () {
    this.#exchange.pause()
  }

  /** May be called at any time and any number of times, also after the end. */
  resume () {
    this.#exchange.resume()
  }

  /** Ends the exchange at once; the handler hears `onResponseError(controller, reason)`. */
  abort (reason) {
    if (!this.#aborted) {
      this.#aborted = true
      this.#reason = reason
      this.#exchange.abort(reason)
    }
  }

  get aborted () {
    return this.#aborted
  }

  get reason () {
    return this.#reason
  }

  get paused () {
    return this.#exchange.paused
  }

  /** When the steps of the exchange were done, so far; see docs/api/Dispatcher.md. */
  get timings () {
    return this.#exchange.timings
  }

  /** The field lines of the response head as Buffers, name and value in turn; null before it. */
  get rawHeaders () {
    if (this.#headers instanceof Fields) {
      this.#headers = this.#headers.toBuffers()
    }
    return this.#headers
  }

  set rawHeaders (fields) {
    this.#headers = fields
  }

  /** The field lines of the trailers, likewise; null before the end. */
  get rawTrailers () {
    if (this.#trailers instanceof Fields) {
      this.#trailers = this.#trailers.toBuffers()
    }
    return this.#trailers
  }

  set rawTrailers (fields) {
    this.#trailers = fields
  }
}

module.exports = { RequestController }
