'use strict'

// A dispatcher as older copies of undici, and the fetch of Node 20 to 25, expect it: it takes handlers of the first
// generation, whatever the one behind it takes.

const { Dispatcher } = require('./dispatcher')
const { asSecondGeneration } = require('../core/generations')
const { InvalidArgumentError } = require('../core/errors')
const { ownOrigin } = require('../core/url')

class Dispatcher1Wrapper extends Dispatcher {
  #dispatcher

  /**
   * @param {{ dispatch: Function }} dispatcher
   * @throws {InvalidArgumentError} where it has no `dispatch`
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
    return asSecondGeneration(handler)
  }

  get [ownOrigin] () {
    return this.#dispatcher[ownOrigin]
  }

  dispatch (options, handler) {
    // Who speaks the first generation does not know HTTP/2.
    const own = options.allowH2 === false ? options : { ...options, allowH2: false }
    return this.#dispatcher.dispatch(own, asSecondGeneration(handler))
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
