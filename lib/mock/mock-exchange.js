'use strict'

// One request that is answered without a connection: the reply as the request's handler lives through it.
//
//   OPEN ──start──► STARTED ──request body heard, reply known, delay over──► SETTLED
//     └─replyWithError──┴──────────────abort, failure──────────────────────────┘

const { STATUS_CODES } = require('node:http')
const { isPromise } = require('node:util').types
const { TimeoutError } = require('../core/errors')
const { parseHeaders } = require('../core/headers')
const { asSecondGeneration } = require('../core/generations')
const { headersObject } = require('./matching')
const { MockController } = require('./mock-controller')
const { fieldLines, octetsOf } = require('./reply-data')

class MockExchange {
  #interceptions
  #interception
  #options
  #handler
  #controller = new MockController((reason) => this.#fail(reason))
  #timer = null
  // The time of the exchange as a whole.
  #deadline = null
  #isSettled = false

  /**
   * @param {import('./interceptions').Interceptions} interceptions
   * @param {object} interception the one of them that is for this request
   * @param {object} options of the request
   * @param {object} handler of either generation
   */
  constructor (interceptions, interception, options, handler) {
    this.#interceptions = interceptions
    this.#interception = interception
    this.#options = options
    this.#handler = asSecondGeneration(handler)
  }

  /** Begins, and ends too unless something has to be waited for. Throws what user code throws meanwhile. */
  begin () {
    const { timeout } = this.#options
    if (timeout > 0) {
      const late = () => this.#fail(new TimeoutError(`Timeout Error (timeout: ${timeout}ms)`))
      this.#deadline = setTimeout(late, timeout)
    }
    const { data } = this.#interception
    if (data.callback === undefined || this.#hearsBody()) {
      this.#start(data)
    } else {
      this.#whenKnown(this.#answer(data), (reply) => this.#start(reply))
    }
  }

  // --- inside

  // A function that makes the reply is asked first of all, unless the request's body is to be heard before that.
  #hearsBody () {
    const { onBodySent, onRequestSent } = this.#handler
    return this.#options.body != null && (typeof onBodySent === 'function' || typeof onRequestSent === 'function')
  }

  #answer ({ callback, ...defaults }) {
    const given = callback(this.#options)
    return isPromise(given) ? given.then((reply) => ({ ...defaults, ...reply })) : { ...defaults, ...given }
  }

  #start (reply) {
    if (this.#isSettled) {
      return
    }
    if (reply.error !== null) {
      this.#settle()
      this.#interceptions.drop(this.#interception)
      this.#handler.onResponseError(null, reply.error)
      return
    }
    this.#handler.onRequestStart(this.#controller, null)
    if (this.#isSettled) {
      return
    }
    const source = this.#tellBody()
    this.#whenKnown(source, (body) => {
      if (this.#isSettled) {
        return
      }
      if (body !== this.#options.body) {
        this.#options = { ...this.#options, body }
      }
      this.#whenKnown(reply.callback === undefined ? reply : this.#answer(reply), (reply) => this.#wait(reply))
    })
  }

  #wait (reply) {
    const { delay } = this.#interception
    if (this.#isSettled) {
      return
    }
    if (delay === undefined) {
      this.#respond(reply)
    } else {
      this.#timer = setTimeout(() => this.#guarded(() => this.#respond(reply)), delay)
    }
  }

  #respond (reply) {
    const { data } = reply
    const body = typeof data === 'function'
      ? data({ ...this.#options, headers: headersObject(this.#options.headers) })
      : data
    this.#whenKnown(body, (body) => {
      if (!this.#isSettled) {
        this.#tellResponse(reply, octetsOf(body), typeof data === 'function')
      }
    })
  }

  #tellResponse ({ statusCode, headers, trailers }, octets, isOfFunction) {
    const handler = this.#handler
    const controller = this.#controller
    const length = isOfFunction && this.#interception.tellsLength ? { 'content-length': octets.length } : {}
    controller.rawHeaders = fieldLines({ ...length, ...headers })
    controller.rawTrailers = fieldLines(trailers)
    handler.onResponseStart?.(controller, statusCode, parseHeaders(controller.rawHeaders), STATUS_CODES[statusCode] ?? 'unknown')
    if (this.#isSettled) {
      return
    }
    handler.onResponseData?.(controller, octets)
    if (this.#isSettled) {
      return
    }
    this.#settle()
    handler.onResponseEnd?.(controller, parseHeaders(controller.rawTrailers))
    this.#interceptions.drop(this.#interception)
  }

  // Tells the handler of the request's body as if it was sent; returns, or promises, the body for the reply.
  #tellBody () {
    const { body } = this.#options
    const handler = this.#handler
    if (typeof handler.onBodySent !== 'function' && typeof handler.onRequestSent !== 'function') {
      return body
    }
    if (body != null && typeof body[Symbol.asyncIterator] === 'function') {
      return this.#tellStream(body)
    }
    const isList = body != null && typeof body !== 'string' && !ArrayBuffer.isView(body) &&
      typeof body[Symbol.iterator] === 'function'
    // What can be gone through once only is kept for the reply.
    const isOnce = isList && body[Symbol.iterator]() === body
    const chunks = []
    for (const chunk of body == null ? [] : isList ? body : [body]) {
      chunks.push(chunk)
      this.#tell(() => handler.onBodySent?.(chunk))
      if (this.#isSettled) {
        return body
      }
    }
    this.#tell(() => handler.onRequestSent?.())
    return isOnce ? chunks : body
  }

  async #tellStream (body) {
    const chunks = []
    for await (const chunk of body) {
      if (this.#isSettled) {
        return body
      }
      chunks.push(chunk)
      this.#tell(() => this.#handler.onBodySent?.(chunk))
    }
    if (!this.#isSettled) {
      this.#tell(() => this.#handler.onRequestSent?.())
    }
    return {
      async * [Symbol.asyncIterator] () {
        yield * chunks
      }
    }
  }

  #tell (callback) {
    try {
      callback()
    } catch (error) {
      this.#controller.abort(error)
    }
  }

  #whenKnown (value, then) {
    if (isPromise(value)) {
      value.then((known) => this.#guarded(() => then(known)), (error) => this.#fail(error))
    } else {
      then(value)
    }
  }

  // What is thrown when nobody is left to catch it ends the exchange.
  #guarded (callback) {
    try {
      callback()
    } catch (error) {
      this.#fail(error)
    }
  }

  #settle () {
    this.#isSettled = true
    clearTimeout(this.#timer)
    clearTimeout(this.#deadline)
  }

  #fail (error) {
    if (this.#isSettled) {
      return
    }
    this.#settle()
    this.#interceptions.drop(this.#interception)
    this.#handler.onResponseError?.(this.#controller, error)
  }
}

module.exports = { MockExchange }
