'use strict'

// A handler of the first generation for a dispatcher that may speak either: the second generation's callbacks are
// translated, the first generation's reach it as they are.

const { toRawHeaders } = require('../core/headers')

class BothGenerations {
  #handler

  constructor (handler) {
    this.#handler = handler
  }

  // --- the second generation

  onRequestStart (controller, context) {
    this.#handler.onConnect?.((reason) => controller.abort(reason), context)
  }

  onResponseStart (controller, statusCode, headers, statusText) {
    const raw = rawOf(controller?.rawHeaders, headers)
    pauseIf(controller, this.#handler.onHeaders?.(statusCode, raw, () => controller.resume(), statusText))
  }

  onResponseData (controller, chunk) {
    pauseIf(controller, this.#handler.onData?.(chunk))
  }

  onResponseEnd (controller, trailers) {
    this.#handler.onComplete?.(rawOf(controller?.rawTrailers, trailers))
  }

  onRequestUpgrade (controller, statusCode, headers, socket) {
    this.#handler.onUpgrade?.(statusCode, rawOf(controller?.rawHeaders, headers), socket)
  }

  onResponseError (controller, error) {
    if (typeof this.#handler.onError !== 'function') {
      throw error
    }
    this.#handler.onError(error)
  }

  // --- the first generation

  onConnect (abort, context) {
    this.#handler.onConnect?.(abort, context)
  }

  onHeaders (statusCode, headers, resume, statusText) {
    return this.#handler.onHeaders?.(statusCode, headers, resume, statusText)
  }

  onData (chunk) {
    return this.#handler.onData?.(chunk)
  }

  onComplete (trailers) {
    this.#handler.onComplete?.(trailers)
  }

  onUpgrade (statusCode, headers, socket) {
    this.#handler.onUpgrade?.(statusCode, headers, socket)
  }

  onError (error) {
    this.onResponseError(null, error)
  }

  // --- both

  onBodySent (chunk) {
    this.#handler.onBodySent?.(chunk)
  }

  onRequestSent () {
    this.#handler.onRequestSent?.()
  }

  onResponseStarted () {
    this.#handler.onResponseStarted?.()
  }
}

function rawOf (raw, fields) {
  return Array.isArray(raw) ? raw : toRawHeaders(raw ?? fields)
}

function pauseIf (controller, answer) {
  if (answer === false) {
    controller.pause()
  }
}

module.exports = { BothGenerations }
