'use strict'

// The controller of a call whose dispatcher speaks the first generation: there a handler aborts with a function, and
// pauses by what its callbacks return.

class CallController {
  rawHeaders = null
  rawTrailers = null
  aborted = false
  reason = null
  paused = false
  #abort
  #resume = null

  constructor (abort) {
    this.#abort = abort
  }

  /** The head has come, and with it the way to go on after a pause. */
  responded (headers, resume) {
    this.rawHeaders = headers
    this.#resume = resume
  }

  pause () {
    this.paused = true
  }

  resume () {
    if (this.paused) {
      this.paused = false
      this.#resume?.()
    }
  }

  abort (reason) {
    if (!this.aborted) {
      this.aborted = true
      this.reason = reason
      this.#abort(reason)
    }
  }
}

module.exports = { CallController }
