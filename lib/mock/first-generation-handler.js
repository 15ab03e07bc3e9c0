'use strict'

// A handler of the first generation, spoken to as one of the second: mocked responses are told in one language.

class FirstGenerationHandler {
  #handler

  constructor (handler) {
    this.#handler = handler
    // A handler that wants to hear of the request's body says so by having these.
    if (typeof handler.onBodySent === 'function') {
      this.onBodySent = (chunk) => handler.onBodySent(chunk)
    }
    if (typeof handler.onRequestSent === 'function') {
      this.onRequestSent = () => handler.onRequestSent()
    }
  }

  onRequestStart (controller, context) {
    this.#handler.onConnect?.((reason) => controller.abort(reason), context)
  }

  onRequestUpgrade (controller, statusCode, headers, socket) {
    this.#handler.onUpgrade?.(statusCode, controller.rawHeaders, socket)
  }

  onResponseStart (controller, statusCode, headers, statusText) {
    if (this.#handler.onHeaders?.(statusCode, controller.rawHeaders, () => controller.resume(), statusText) === false) {
      controller.pause()
    }
  }

  onResponseData (controller, chunk) {
    if (this.#handler.onData?.(chunk) === false) {
      controller.pause()
    }
  }

  onResponseEnd (controller) {
    this.#handler.onComplete?.(controller.rawTrailers)
  }

  onResponseError (controller, error) {
    if (typeof this.#handler.onError !== 'function') {
      throw error
    }
    this.#handler.onError(error)
  }
}

/** The handler itself where it is of the second generation. */
function secondGeneration (handler) {
  return typeof handler.onRequestStart === 'function' ? handler : new FirstGenerationHandler(handler)
}

module.exports = { secondGeneration }
