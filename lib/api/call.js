'use strict'

// What the five calls have in common: a call is one use of request(), stream(), pipeline(), connect() or
// upgrade(), and the handler of its exchange. Here are the checks of their options, the abort by a signal,
// the context of the caller, and the two ways to be told the outcome (callback or promise).

const { AsyncResource } = require('node:async_hooks')
const { InvalidArgumentError } = require('../core/errors')
const { giveFirstFace } = require('../core/generations')
const { parseRawHeaders } = require('../core/headers')
const { destroy, isStream } = require('../core/streams')
const { assertSignal, onAbort, reasonOf } = require('./signal')

const ignore = () => {}

// The checks by name; each call takes those it wants, in the order in which users hear of them.
const checks = {
  callback ({ callback }) {
    if (typeof callback !== 'function') {
      throw new InvalidArgumentError('invalid callback')
    }
  },
  factory ({ factory }) {
    if (typeof factory !== 'function') {
      throw new InvalidArgumentError('invalid factory')
    }
  },
  handler ({ handler }) {
    if (typeof handler !== 'function') {
      throw new InvalidArgumentError('invalid handler')
    }
  },
  highWaterMark ({ highWaterMark }) {
    if (highWaterMark != null && (!Number.isFinite(highWaterMark) || highWaterMark < 0)) {
      throw new InvalidArgumentError('invalid highWaterMark')
    }
  },
  signal ({ signal }) {
    assertSignal(signal)
  },
  method ({ method }) {
    if (method === 'CONNECT') {
      throw new InvalidArgumentError('invalid method')
    }
  },
  onInfo ({ onInfo }) {
    if (onInfo && typeof onInfo !== 'function') {
      throw new InvalidArgumentError('invalid onInfo callback')
    }
  },
  onUploadProgress ({ onUploadProgress }) {
    assertProgress('onUploadProgress', onUploadProgress)
  },
  onDownloadProgress ({ onDownloadProgress }) {
    assertProgress('onDownloadProgress', onDownloadProgress)
  }
}

function assertProgress (name, callback) {
  if (callback != null && typeof callback !== 'function') {
    throw new InvalidArgumentError(`invalid ${name} callback`)
  }
}

// Throws what is wrong with the call by some of the checks. A body that is a stream is destroyed then: nobody else will.
function assertCall (checks, given) {
  try {
    for (let i = 0; i < checks.length; i++) {
      checks[i](given)
    }
  } catch (error) {
    if (isStream(given.body)) {
      destroy(given.body.on('error', ignore), error)
    }
    throw error
  }
}

function assertOptions (options) {
  if (!options || typeof options !== 'object') {
    throw new InvalidArgumentError('invalid opts')
  }
}

class Call extends AsyncResource {
  // Told the outcome once; null afterwards.
  callback
  context = null
  // Why the signal has aborted; null while it has not.
  reason = null

  // Where the callback resolves a promise, what rejects that; null where it is a user's. It does not matter in which context a
  // promise is settled.
  #reject
  #opaque
  #raw
  #onInfo
  // Whom to ask for an abort: the exchange, and its controller once it has started.
  #target = null
  #unlisten = null

  constructor (name, { opaque, responseHeaders, onInfo, signal }, callback, reject = null) {
    super(name)
    this.#reject = reject
    this.callback = callback
    this.#opaque = opaque || null
    this.#raw = responseHeaders === 'raw'
    this.#onInfo = onInfo || null
    if (signal?.aborted) {
      this.reason = reasonOf(signal)
    } else if (signal) {
      this.#unlisten = onAbort(signal, (reason) => {
        this.reason = reason
        this.unlisten()
        this.cancel(reason)
      })
    }
  }

  get opaque () {
    return this.#opaque
  }

  // The dispatcher says at once, where it can, whom to ask for an abort, which has a method of that name: a request that
  // still waits for its turn fails when its signal aborts, not when its turn comes.
  onDispatched (target) {
    if (this.reason !== null) {
      target.abort(this.reason)
    } else {
      this.#target = target
    }
  }

  onRequestStart (controller, context) {
    if (this.reason !== null) {
      controller.abort(this.reason)
      return
    }
    this.context = context
    this.#target = controller
  }

  // --- for the calls

  // What an abort of the signal does; calls that have more to end than the exchange extend it.
  cancel (reason) {
    this.abort(reason)
  }

  abort (reason) {
    this.#target?.abort(reason)
  }

  // Stops listening to the signal.
  unlisten () {
    if (this.#unlisten !== null) {
      this.#unlisten()
      this.#unlisten = null
    }
  }

  // The headers in the form that the user asked for.
  headersFrom (controller, headers) {
    return this.#raw ? parseRawHeaders(controller?.rawHeaders ?? headers) : headers
  }

  informed (statusCode, headers) {
    if (this.#onInfo !== null) {
      this.runInAsyncScope(this.#onInfo, null, { statusCode, headers })
    }
  }

  succeed (data) {
    const { callback } = this
    this.callback = null
    if (this.#reject !== null) {
      // Gone with that: it holds what the promise is settled with.
      this.#reject = null
      callback(data)
    } else {
      this.runInAsyncScope(callback, null, null, data)
    }
  }

  // Tells the error, unless the outcome was told before. Not at once: dispatch() may be still running.
  fail (error) {
    if (this.callback) {
      const fail = this.#failing()
      queueMicrotask(() => fail(error))
    }
  }

  // Takes the callback now, and tells it the error once that is known: the outcome is settled already.
  failWith (error) {
    const fail = this.#failing()
    error.then((error) => queueMicrotask(() => fail(error)))
  }

  // Takes the callback, and returns what tells it an error.
  #failing () {
    const { callback } = this
    const reject = this.#reject
    this.callback = null
    this.#reject = null
    return reject ?? ((error) => this.runInAsyncScope(callback, null, error, { opaque: this.#opaque }))
  }
}

// Interceptors may know handlers of the first generation alone.
giveFirstFace(Call)

// Makes a promise of a call that takes a callback.
function promised (start) {
  return new Promise((resolve, reject) => {
    start((error, data) => {
      if (error) {
        reject(error)
      } else {
        resolve(data)
      }
    })
  })
}

// Runs a call that takes a callback: what it throws goes there.
function called (options, callback, start) {
  try {
    start()
  } catch (error) {
    if (typeof callback !== 'function') {
      throw error
    }
    const opaque = options?.opaque
    queueMicrotask(() => callback(error, { opaque }))
  }
}

module.exports = { Call, checks, assertCall, assertOptions, promised, called, ignore }
