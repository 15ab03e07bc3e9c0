'use strict'

// An exchange whose handler speaks undici's first generation: `onConnect(abort, context)` and its kin,
// with raw headers as Buffers; a call-back that returns `false` pauses.

const { Exchange } = require('./exchange')

class FirstGenerationExchange extends Exchange {
  #handler
  #resume = () => this.resume()

  constructor (owner, link, request, handler) {
    super(owner, link, request, handler)
    this.#handler = handler
  }

  /** No handler of this generation wishes that. */
  get decoding () {
    return null
  }

  onStart () {
    this.#handler.onConnect((reason) => this.abort(reason), null)
  }

  onInformational (status, fields, reason) {
    this.#handler.onHeaders(status, fields.toBuffers(), this.#resume, reason)
  }

  onHead (status, fields, reason) {
    this.#pauseIf(this.#handler.onHeaders(status, fields.toBuffers(), this.#resume, reason))
  }

  onData (chunk) {
    this.#pauseIf(this.#handler.onData(chunk))
  }

  onEnd (fields) {
    this.#handler.onComplete(fields.toBuffers())
  }

  onUpgrade (status, fields, socket) {
    this.#handler.onUpgrade(status, fields.toBuffers(), socket)
  }

  onFault (error) {
    this.#handler.onError(error)
  }

  #pauseIf (answer) {
    if (answer === false) {
      this.pause()
    }
  }
}

module.exports = { FirstGenerationExchange }
