'use strict'

// What a handler of the second generation may do with its exchange.

const { buffers } = require('./exchange')

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

  /** The field lines of the response head as Buffers, name and value in turn; null before it. */
  get rawHeaders () {
    if (this.#headers !== null && typeof this.#headers[0] === 'string') {
      this.#headers = buffers(this.#headers)
    }
    return this.#headers
  }

  set rawHeaders (fields) {
    this.#headers = fields
  }

  /** The field lines of the trailers, likewise; null before the end. */
  get rawTrailers () {
    if (this.#trailers !== null && typeof this.#trailers[0] === 'string') {
      this.#trailers = buffers(this.#trailers)
    }
    return this.#trailers
  }

  set rawTrailers (fields) {
    this.#trailers = fields
  }
}

module.exports = { RequestController }
