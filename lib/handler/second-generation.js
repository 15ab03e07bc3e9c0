'use strict'

// An exchange whose handler speaks undici's second generation: `onRequestStart(controller, context)` and
// its kin, with parsed headers.

const { Exchange } = require('./exchange')
const { RequestController } = require('./controller')
const { DecodedHandler } = require('./decoded-handler')
const { channels } = require('../core/diagnostics')
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

  /** Which contents its handler wishes to be told without their codings; null for none. */
  get decoding () {
    // Who listens to this channel is to hear the octets as they came.
    return channels.bodyChunkReceived.hasSubscribers ? null : DecodedHandler.wishesOf(this.#handler)
  }

  /** The engine tells the content of the response without its codings, because it was asked to. */
  decoded () {
    this.#handler.decoded()
  }

  /** It is none, although the response is complete. */
  contentFault (error) {
    this.#handler.faulted(error)
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
