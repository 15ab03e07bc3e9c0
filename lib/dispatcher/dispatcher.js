'use strict'

// What every dispatcher is: an EventEmitter with `dispatch`, `close` and `destroy`, that others may extend.
// The methods of lib/api (`request`, `stream`, …) are put on its prototype by the package's entry.

const { EventEmitter } = require('node:events')
const { asSecondGeneration } = require('../core/generations')
const { ownOrigin } = require('../core/url')

class Dispatcher extends EventEmitter {
  dispatch () {
    throw new Error('not implemented')
  }

  close () {
    throw new Error('not implemented')
  }

  destroy () {
    throw new Error('not implemented')
  }

  /**
   * This dispatcher with interceptors before its `dispatch`; the last one given is called first.
   *
   * @param {...(Function|Function[])} interceptors each takes a dispatch function, and the origin of all requests where
   *   there is one, and returns a dispatch function
   * @returns {Dispatcher}
   * @throws {TypeError} where one is no function, or does not return a function of two parameters
   */
  compose (...interceptors) {
    const origin = this[ownOrigin]
    let dispatch = this.dispatch.bind(this)
    for (const interceptor of Array.isArray(interceptors[0]) ? interceptors[0] : interceptors) {
      if (interceptor == null) {
        continue
      }
      if (typeof interceptor !== 'function') {
        throw new TypeError(`invalid interceptor, expected function received ${typeof interceptor}`)
      }
      dispatch = interceptor(dispatch, origin)
      if (typeof dispatch !== 'function' || dispatch.length !== 2) {
        throw new TypeError('invalid interceptor')
      }
      dispatch = forBothGenerations(dispatch)
    }
    return new Proxy(this, new Composition(origin ? forOrigin(dispatch, origin) : dispatch))
  }
}

// Interceptors need know handlers of one generation only, whichever that is: what they are given speaks both.
function forBothGenerations (dispatch) {
  return (options, handler) =>
    dispatch(options, handler && typeof handler === 'object' ? asSecondGeneration(handler) : handler)
}

// Interceptors see where a request goes, also where the dispatcher need not be told.
function forOrigin (dispatch, origin) {
  return (options, handler) =>
    dispatch(options && typeof options === 'object' && !options.origin ? { ...options, origin } : options, handler)
}

// Methods that work on private fields, which a proxy does not have: they run on the dispatcher itself.
const OWN_METHODS = new Set(['close', 'destroy', 'on', 'addListener', 'addUpstream', 'removeUpstream', 'getUpstream'])

// A dispatcher seen through its interceptors: `dispatch`, and so all that is built on it, is theirs; the rest is
// the dispatcher's.
class Composition {
  #dispatch

  constructor (dispatch) {
    this.#dispatch = dispatch
  }

  get (target, key) {
    if (key === 'dispatch') {
      return this.#dispatch
    }
    return OWN_METHODS.has(key) ? target[key].bind(target) : target[key]
  }

  set (target, key, value) {
    target[key] = value
    return true
  }
}

module.exports = { Dispatcher }
