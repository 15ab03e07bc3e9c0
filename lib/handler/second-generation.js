'use strict'

// An exchange whose handler speaks undici's second generation: `onRequestStart(controller, context)` and
// its kin, with parsed headers.

const { Exchange } = require('./exchange')
const { RequestController } = require('./controller')
const { takesOctets } = require('../core/octets')

class SecondGenerationExchange extends Exchange {
  #handler
  #controller = null
  // Where the handler would rather copy by itself.
  #takeOctets

  constructor (owner, link, request, handler) {
    super(owner, link, request, handler)
    this.#handler = handler
    this.#takeOctets = handler.onResponseData?.[takesOctets]
  }

  onStart () {
    this.#controller = new RequestController(this)
    this.#handler.onRequestStart(this.#controller, null)
  }

  onInformational (status, fields, reason) {
    this.#controller.rawHeaders = fields
    this.#handler.onResponseStart?.(this.#controller, status, fields.toObject(), reason)
  }

  onHead (status, fields, reason) {
    this.onInformational(status, fields, reason)
  }

  onData (chunk) {
    this.#handler.onResponseData?.(this.#controller, chunk)
  }

  onOctets (memory, start, end) {
    if (this.#takeOctets === undefined) {
      super.onOctets(memory, start, end)
    } else {
      this.#takeOctets.call(this.#handler, this.#controller, memory, start, end)
    }
  }

  onEnd (fields) {
    this.#controller.rawTrailers = fields
    this.#handler.onResponseEnd?.(this.#controller, fields.toObject())
  }

  onUpgrade (status, fields, socket) {
    this.#controller.rawHeaders = fields
    this.#handler.onRequestUpgrade(this.#controller, status, fields.toObject(), socket)
  }

  onFault (error) {
    this.#handler.onResponseError?.(this.#controller, error)
  }
}

module.exports = { SecondGenerationExchange }
