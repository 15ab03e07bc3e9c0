'use strict'

// The handler that asks a server whether a kept response is still good (RFC 9111 section 4.3.3). It says the outcome once:
// the kept one answers (a 304; within `stale-if-error` also a failure), and nothing more is heard of the exchange, or the
// response that came does, and another handler hears that from its start.

const assert = require('node:assert')
const { TwoFaced } = require('../core/generations')
const { RelayController } = require('./relay-controller')

class CacheRevalidationHandler extends TwoFaced {
  // Null when the outcome was said.
  #tell
  #handler
  #coversErrors
  #controller = new RelayController()
  #context
  #isAnswered = false

  /**
   * @param {Function} callback `(isGood, context, statusCode, headers)`; the last two where there is a response
   * @param {object} handler of the second generation, for a response of its own
   * @param {boolean} allowErrorStatusCodes whether a failure leaves the kept one good: RFC 5861 section 4
   * @throws {TypeError}
   */
  constructor (callback, handler, allowErrorStatusCodes) {
    if (typeof callback !== 'function') {
      throw new TypeError('callback must be a function')
    }
    super()
    this.#tell = callback
    this.#handler = handler
    this.#coversErrors = allowErrorStatusCodes
  }

  onDispatched (target) {
    this.#controller.dispatched(target)
    this.#handler.onDispatched?.(this.#controller)
  }

  onRequestStart (controller, context) {
    this.#isAnswered = false
    this.#context = context
    this.#controller.begin(controller)
  }

  onRequestUpgrade (controller, statusCode, headers, socket) {
    this.#handler.onRequestUpgrade?.(this.#controller, statusCode, headers, socket)
  }

  onResponseStart (controller, statusCode, headers, statusMessage) {
    if (statusCode < 200) {
      // Whose response it announces is not known yet.
      return
    }
    assert(this.#tell !== null)
    const isGood = statusCode === 304 || (this.#coversErrors && statusCode >= 500 && statusCode <= 504)
    this.#say(isGood, this.#context, statusCode, headers)
    if (!isGood) {
      this.#handler.onRequestStart?.(this.#controller, this.#context)
      this.#handler.onResponseStart?.(this.#controller, statusCode, headers, statusMessage)
    }
  }

  onResponseData (controller, chunk) {
    if (!this.#isAnswered) {
      this.#handler.onResponseData?.(this.#controller, chunk)
    }
  }

  onResponseEnd (controller, trailers) {
    if (!this.#isAnswered) {
      this.#handler.onResponseEnd?.(this.#controller, trailers)
    }
  }

  onResponseError (controller, error) {
    if (this.#isAnswered) {
      return
    }
    if (this.#tell !== null) {
      // Whoever aborts wants no answer.
      const isGood = this.#coversErrors && !this.#controller.aborted
      this.#say(isGood, this.#context)
      if (isGood) {
        return
      }
    }
    if (typeof this.#handler.onResponseError !== 'function') {
      throw error
    }
    this.#handler.onResponseError(this.#controller, error)
  }

  // What is thrown by who hears it fails the exchange, and that is heard by the handler.
  #say (isGood, ...facts) {
    const tell = this.#tell
    this.#tell = null
    if (isGood) {
      tell(true, ...facts)
      this.#isAnswered = true
    } else {
      tell(false, ...facts)
    }
  }
}

module.exports = { CacheRevalidationHandler }
