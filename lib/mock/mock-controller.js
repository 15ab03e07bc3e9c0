'use strict'

// What a handler may do with a mocked exchange. The response comes at once, so that pausing holds nothing back.

const { RequestAbortedError } = require('../core/errors')

class MockController {
  paused = false
  rawHeaders = null
  rawTrailers = null
  reason = null
  // Nothing is known of its steps.
  timings = null
  // A property, not a method: it may be handed on alone.
  abort

  #aborted = false

  constructor (onAbort) {
    this.abort = (reason) => {
      if (!this.#aborted) {
        this.#aborted = true
        this.reason = reason
        onAbort(reason ?? new RequestAbortedError())
      }
    }
  }

  get aborted () {
    return this.#aborted
  }

  pause () {
    this.paused = true
  }

  resume () {
    this.paused = false
  }
}

module.exports = { MockController }
