'use strict'

// A RetryAgent: another dispatcher, with every request sent again as its options say.

const { Dispatcher } = require('./dispatcher')
const { RetryHandler } = require('../handler/retry-handler')
const { ownOrigin } = require('../core/url')

class RetryAgent extends Dispatcher {
  #dispatcher
  #options

  /**
   * @param {Dispatcher} dispatcher sends the requests
   * @param {object} [options] see docs/api/RetryHandler.md
   */
  constructor (dispatcher, options = {}) {
    super()
    this.#dispatcher = dispatcher
    this.#options = options
  }

  get [ownOrigin] () {
    return this.#dispatcher[ownOrigin]
  }

  dispatch (options, handler) {
    const dispatch = this.#dispatcher.dispatch.bind(this.#dispatcher)
    return RetryHandler.start(dispatch, this.#options, options, handler)
  }

  /** What a WebSocket may receive on it. */
  get webSocketOptions () {
    return this.#dispatcher.webSocketOptions
  }

  /** What an EventSource may receive on it. */
  get eventSourceOptions () {
    return this.#dispatcher.eventSourceOptions
  }

  close (callback) {
    return this.#dispatcher.close(callback)
  }

  destroy (error, callback) {
    return this.#dispatcher.destroy(error, callback)
  }
}

module.exports = { RetryAgent }
