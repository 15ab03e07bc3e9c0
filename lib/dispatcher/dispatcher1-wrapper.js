'use strict'

// A dispatcher as older copies of undici, and the fetch of Node 20 to 25, expect it: it takes handlers of the first
// generation, whatever the one behind it takes.

const { Dispatcher } = require('./dispatcher')
const { BothGenerations } = require('../handler/both-generations')
const { InvalidArgumentError } = require('../core/errors')

class Dispatcher1Wrapper extends Dispatcher {
  #dispatcher

  /**
   * @param {{ dispatch: Function }} dispatcher
   * @throws {InvalidArgumentError}
   */
  constructor (dispatcher) {
    super()
    if (!dispatcher || typeof dispatcher.dispatch !== 'function') {
      throw new InvalidArgumentError('Argument dispatcher must implement dispatch')
    }
    this.#dispatcher = dispatcher
  }

  /** A handler that dispatchers of both generations understand. */
  static wrapHandler (handler) {
    if (!handler || typeof handler !== 'object') {
      throw new InvalidArgumentError('handler must be an object')
    }
    return typeof handler.onRequestStart === 'function' ? handler : new BothGenerations(handler)
  }

  dispatch (options, handler) {
    // Who speaks the first generation does not know HTTP/2.
    const own = options.allowH2 === false ? options : { ...options, allowH2: false }
    return this.#dispatcher.dispatch(own, Dispatcher1Wrapper.wrapHandler(handler))
  }

  // What fetch, WebSocket and EventSource read of a dispatcher.

  get isMockActive () {
    return this.#dispatcher.isMockActive
  }

  get webSocketOptions () {
    return this.#dispatcher.webSocketOptions
  }

  get eventSourceOptions () {
    return this.#dispatcher.eventSourceOptions
  }

  close (...args) {
    return this.#dispatcher.close(...args)
  }

  destroy (...args) {
    return this.#dispatcher.destroy(...args)
  }
}

module.exports = { Dispatcher1Wrapper }
