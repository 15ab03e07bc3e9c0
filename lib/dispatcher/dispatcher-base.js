'use strict'

// What our own dispatchers share: the checks in front of `dispatch`, and the end of a dispatcher in its four
// call forms.
//
//   OPEN ──close──► CLOSING ──all settled──► DESTROYED
//     └───────────────destroy──────────────────┘

const { constants } = require('node:buffer')
const { Dispatcher } = require('./dispatcher')
const { RedirectHandler, assertLimit } = require('../handler/redirect-handler')
const { ClientClosedError, ClientDestroyedError, InvalidArgumentError } = require('../core/errors')
const { takesEither } = require('../core/generations')
const { kClose, kClosed, kDestroy, kDestroyed, kDispatch } = require('../core/symbols')
const { ownOrigin } = require('../core/url')

/** An option by which a pool says what has queued the request before: for how long, `takeWaited()` tells once. */
const queuedBefore = Symbol('queued before')

const WEB_SOCKET_FRAGMENTS = 131_072
const WEB_SOCKET_OCTETS = 128 * 1024 * 1024

class DispatcherBase extends Dispatcher {
  #webSocket
  #eventSource
  #maxRedirections
  // What its user put before it, and the dispatch function that they make; null where there are none, undefined until
  // it is needed.
  #interceptors
  #intercepted
  #closed = false
  #destroyed = false
  // Who waits for the end; null once it has come.
  #closeCallbacks = []
  #destroyCallbacks = []

  /**
   * @param {object} options `webSocket` and `eventSource`: the limits of those who receive through it;
   *   `maxRedirections`; `interceptors` by the name of a class
   * @param {string} name whose interceptors are for this one
   * @throws {InvalidArgumentError} where one of them is not of its kind
   */
  constructor (options = {}, name = '') {
    super(options)
    this.#webSocket = options.webSocket ?? {}
    this.#eventSource = options.eventSource ?? {}
    assertLimit(options.maxRedirections)
    this.#maxRedirections = options.maxRedirections ?? 0
    const interceptors = options.interceptors?.[name]
    this.interceptors = Array.isArray(interceptors) ? interceptors : []
  }

  /** What stands before it as an option, as undici 5 and 6 have it: the first of them is the first to be called. */
  get interceptors () {
    return this.#interceptors
  }

  /** @throws {InvalidArgumentError} one of them is no function */
  set interceptors (interceptors) {
    if (interceptors?.some((interceptor) => typeof interceptor !== 'function')) {
      throw new InvalidArgumentError('interceptor must be an function')
    }
    this.#interceptors = interceptors ?? []
    this.#intercepted = undefined
  }

  /** What a WebSocket through it receives at most: fragments, and octets of a message. */
  get webSocketOptions () {
    return {
      maxFragments: this.#webSocket.maxFragments ?? WEB_SOCKET_FRAGMENTS,
      maxPayloadSize: this.#webSocket.maxPayloadSize ?? WEB_SOCKET_OCTETS
    }
  }

  /** What an EventSource through it receives at most: octets of an event. */
  get eventSourceOptions () {
    return { maxEventSize: this.#eventSource.maxEventSize ?? constants.MAX_STRING_LENGTH }
  }

  /** `close` was called. */
  get closed () {
    return this.#closed
  }

  /** `destroy` was called, or `close` has come to its end. */
  get destroyed () {
    return this.#destroyed
  }

  get [kClosed] () {
    return this.#closed
  }

  get [kDestroyed] () {
    return this.#destroyed
  }

  /**
   * @param {object} options see docs/api/Dispatcher.md
   * @param {object} handler of either generation
   * @returns {boolean} false: busy, wait for 'drain'
   */
  dispatch (options, handler) {
    if (!handler || typeof handler !== 'object') {
      throw new InvalidArgumentError('handler must be an object')
    }
    try {
      if (!options || typeof options !== 'object') {
        throw new InvalidArgumentError('opts must be an object.')
      }
      if (options.dispatcher) {
        throw new InvalidArgumentError('opts.dispatcher is not supported by instance methods. Pass opts.dispatcher to the top-level undici functions or call the dispatcher instance method directly.')
      }
      if (this.#destroyed) {
        throw new ClientDestroyedError()
      }
      if (this.#closed) {
        throw new ClientClosedError()
      }
      if (this.#intercepted === undefined) {
        this.#intercepted = this.#intercept()
      }
      return this.#intercepted === null ? this.#follow(options, handler) : this.#intercepted(options, handler)
    } catch (error) {
      fail(handler, error)
      return false
    }
  }

  /** Takes no more requests, and ends once those that it has are settled. */
  close (callback) {
    if (callback === undefined) {
      return promised((settle) => this.close(settle))
    }
    assertCallback(callback)
    if (this.#destroyed) {
      queueMicrotask(() => callback(new ClientDestroyedError(), null))
    } else if (this.#closeCallbacks === null) {
      queueMicrotask(() => callback(null, null))
    } else {
      this.#closeCallbacks.push(callback)
      if (!this.#closed) {
        this.#closed = true
        this.onClose()
          .then(() => this.destroy())
          .then(() => {
            const callbacks = this.#closeCallbacks
            this.#closeCallbacks = null
            queueMicrotask(() => callAll(callbacks))
          })
      }
    }
  }

  /** Ends now: what is under way fails with `error`. */
  destroy (error, callback) {
    if (typeof error === 'function') {
      callback = error
      error = null
    }
    if (callback === undefined) {
      return promised((settle) => this.destroy(error, settle))
    }
    assertCallback(callback)
    if (this.#destroyCallbacks === null) {
      queueMicrotask(() => callback(null, null))
      return
    }
    this.#destroyCallbacks.push(callback)
    if (!this.#destroyed) {
      this.#destroyed = true
      this.onDestroy(error ?? new ClientDestroyedError()).then(() => {
        const callbacks = this.#destroyCallbacks
        this.#destroyCallbacks = null
        queueMicrotask(() => callAll(callbacks))
      })
    }
  }

  // --- for those who extend it, by undici's names; ours have methods of their own

  onDispatch (options, handler) {
    return this[kDispatch](options, handler)
  }

  onClose () {
    return this[kClose]()
  }

  onDestroy (error) {
    return this[kDestroy](error)
  }

  #intercept () {
    return this.#interceptors.length === 0
      ? null
      : this.#interceptors.reduceRight(
        (dispatch, interceptor) => interceptor(dispatch, this[ownOrigin]),
        (options, handler) => this.#follow(options, handler)
      )
  }

  // As undici 5 and 6: whoever sees the request first follows its redirects, and those below do not.
  #follow (options, handler) {
    const { maxRedirections = this.#maxRedirections } = options
    return maxRedirections ? this.#redirect(options, handler, maxRedirections) : this.onDispatch(options, handler)
  }

  #redirect (options, handler, maxRedirections) {
    const dispatch = (next, redirecting) => this.onDispatch(next, redirecting)
    const { origin = this[ownOrigin] ?? undefined } = options
    return RedirectHandler.start(dispatch, maxRedirections, { ...options, origin }, handler)
  }
}

DispatcherBase.prototype[takesEither] = DispatcherBase.prototype.dispatch

/** Tells the handler of a request that no exchange was made of. */
function fail (handler, error) {
  if (typeof handler.onResponseError === 'function') {
    handler.onResponseError(null, error)
  } else if (typeof handler.onError === 'function') {
    handler.onError(error)
  } else {
    throw error
  }
}

function promised (call) {
  return new Promise((resolve, reject) => {
    call((error, data) => error ? reject(error) : resolve(data))
  })
}

function assertCallback (callback) {
  if (typeof callback !== 'function') {
    throw new InvalidArgumentError('invalid callback')
  }
}

function callAll (callbacks) {
  for (const callback of callbacks) {
    callback(null, null)
  }
}

module.exports = { DispatcherBase, fail, queuedBefore }
