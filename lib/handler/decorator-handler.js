'use strict'

// A handler that hands everything on to another one, for interceptors to extend. What extends it may write methods of
// either generation, whichever generation the other handler is of.

const assert = require('node:assert')
const { TwoFaced, asSecondGeneration, speakFirstThrough } = require('../core/generations')

const FIRST = ['onConnect', 'onUpgrade', 'onHeaders', 'onData', 'onComplete', 'onError']
const SECOND = [
  'onRequestStart', 'onRequestUpgrade', 'onResponseStart', 'onResponseData', 'onResponseEnd', 'onResponseError'
]

class DecoratorHandler extends TwoFaced {
  #handler
  #hasStarted = false
  #hasEnded = false

  /**
   * @param {object} handler of either generation
   * @throws {TypeError} where it is no object
   */
  constructor (handler) {
    if (typeof handler !== 'object' || handler === null) {
      throw new TypeError('handler must be an object')
    }
    super()
    this.#handler = asSecondGeneration(handler)
    const writes = (name) => this[name] !== DecoratorHandler.prototype[name]
    if (FIRST.some(writes) && !SECOND.some(writes)) {
      // Without this method it is of the first generation to whoever looks.
      this.onRequestStart = undefined
      speakFirstThrough(this, new DecoratorHandler(handler))
    }
    // Who has it hears it, and nobody else.
    if (typeof this.#handler.onDispatched === 'function' && this.onDispatched === undefined) {
      this.onDispatched = (target) => this.#handler.onDispatched(target)
    }
  }

  onRequestStart (controller, context) {
    return this.#handler.onRequestStart?.(controller, context)
  }

  onRequestUpgrade (controller, statusCode, headers, socket) {
    assert(!this.#hasEnded)
    return this.#handler.onRequestUpgrade?.(controller, statusCode, headers, socket)
  }

  onResponseStart (controller, statusCode, headers, statusText) {
    assert(!this.#hasEnded)
    if (statusCode >= 200) {
      assert(!this.#hasStarted)
      this.#hasStarted = true
    }
    return this.#handler.onResponseStart?.(controller, statusCode, headers, statusText)
  }

  onResponseData (controller, chunk) {
    assert(!this.#hasEnded)
    return this.#handler.onResponseData?.(controller, chunk)
  }

  onResponseEnd (controller, trailers) {
    assert(!this.#hasEnded)
    this.#hasEnded = true
    return this.#handler.onResponseEnd?.(controller, trailers)
  }

  onResponseError (controller, error) {
    this.#hasEnded = true
    return this.#handler.onResponseError?.(controller, error)
  }

  onBodySent (chunk) {
    return this.#handler.onBodySent?.(chunk)
  }

  onBodyPieceSent (octets) {
    return this.#handler.onBodyPieceSent?.(octets)
  }

  onRequestSent () {
    return this.#handler.onRequestSent?.()
  }

  onResponseStarted () {
    return this.#handler.onResponseStarted?.()
  }
}

module.exports = { DecoratorHandler }
