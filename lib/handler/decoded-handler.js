'use strict'

// A handler that can be told a content without its codings, and how it is known: by being the very handler that an exchange
// has. Whoever stands between it and the exchange, and so hears the octets as they came, is another object, and then the
// engine leaves them as they are. What to do then is for those who extend this.

const { DecoratorHandler } = require('./decorator-handler')
const { takesOctets } = require('../core/octets')

class DecodedHandler extends DecoratorHandler {
  #wishes
  #isDecoded = false
  #contentFault = null
  #handler
  // Where that takes octets as they lie.
  #takeOctets

  /**
   * @param {object|null} wishes which contents; null for none
   * @param {number[]} wishes.skipStatusCodes
   * @param {boolean} wishes.skipErrorResponses
   * @param {number} wishes.maxSize
   * @param {string|null} wishes.record the same as the engine has it: lib/native keeps it there
   * @param {object} handler
   */
  constructor (wishes, handler) {
    super(handler)
    this.#wishes = wishes
    this.#handler = handler
    this.#takeOctets = handler.onResponseData?.[takesOctets]
  }

  /** What a handler wishes; null for any other handler, also for a proxy of one. */
  static wishesOf (handler) {
    // The class first: that is the cheaper question, and most handlers are of another.
    return handler instanceof DecodedHandler && #wishes in handler ? handler.#wishes : null
  }

  /** The content of the response is told without its codings. */
  get isDecoded () {
    return this.#isDecoded
  }

  /** Why it is none although it has ended; null where it is one. */
  get contentFault () {
    return this.#contentFault
  }

  /** Tells octets that were undone, as they lie (core/octets). */
  tellOctets (controller, memory, start, end) {
    if (this.#takeOctets === undefined) {
      super.onResponseData(controller, memory.keep(start, end))
    } else {
      this.#takeOctets.call(this.#handler, controller, memory, start, end)
    }
  }

  // --- for the exchange, before it tells the head or the end

  decoded () {
    this.#isDecoded = true
  }

  faulted (error) {
    this.#contentFault = error
  }
}

module.exports = { DecodedHandler }
