'use strict'

// request(): the response with its body as a Readable.

const { Call, checks, assertCall, assertOptions, called, ignore } = require('./call')
const { handlerFor, telling } = require('./progress')
const { BodyReadable } = require('./readable')
const { statusError } = require('./status-error')
const { define } = require('../core/headers')
const { takesOctets } = require('../core/octets')
const { destroy, isStream } = require('../core/streams')

// The exchanges whose paused bodies nobody used. When such a body is garbage its exchange would stand still for
// ever, and with it its connection: it is aborted.
const unused = new FinalizationRegistry((handler) => handler.abort())

const CHECKS = [checks.callback, checks.highWaterMark, checks.signal, checks.method, checks.onInfo]

class RequestHandler extends Call {
  #method
  #body
  #highWaterMark
  #throwOnError
  // The body; once it is paused with nobody using it only a WeakRef to it, so that it can become garbage.
  #response = null
  #unused = null
  #trailers = {}

  constructor (options, callback, reject) {
    assertOptions(options)
    const { signal, method, opaque, body, onInfo, responseHeaders, highWaterMark, throwOnError } = options
    // Most calls have nothing more to be checked.
    if (typeof callback !== 'function' || method === 'CONNECT' || (highWaterMark ?? signal ?? onInfo ?? null) !== null) {
      assertCall(CHECKS, { callback, highWaterMark, signal, method, onInfo, body })
    }

    super('UNDICI_REQUEST', { opaque, responseHeaders, onInfo, signal }, callback, reject)
    this.#method = method
    this.#body = body
    this.#highWaterMark = highWaterMark
    this.#throwOnError = throwOnError
  }

  cancel (reason) {
    // Forgotten first: what arrives while it is being destroyed has nowhere to go.
    const response = this.#takeResponse()
    if (response === null) {
      this.abort(reason)
      return
    }
    destroy(response.on('error', ignore), reason)
  }

  onResponseStart (controller, statusCode, headers, statusText) {
    const given = this.headersFrom(controller, headers)
    if (statusCode < 200) {
      this.informed(statusCode, given)
      return
    }

    const contentType = headers?.['content-type']
    const contentLength = headers?.['content-length']
    const response = new BodyReadable({
      controller,
      contentType,
      contentLength: this.#method !== 'HEAD' && contentLength ? Number(contentLength) : null,
      highWaterMark: this.#highWaterMark,
      scope: this
    })
    this.#response = response

    if (this.#throwOnError && statusCode >= 400) {
      this.failWith(statusError({ statusCode, statusText, headers: given, contentType, body: response }))
      return
    }

    try {
      this.succeed(new Result(statusCode, statusText, given, this.#trailers, this.opaque, response, this.context, controller))
    } catch (error) {
      // The user's callback threw: the body goes, the error is his program's.
      this.#response = null
      destroy(response.on('error', ignore), error)
      queueMicrotask(() => { throw error })
    }
  }

  onResponseData (controller, chunk) {
    const response = this.#current()
    if (response !== null && !response.push(chunk)) {
      this.#pause(controller, response)
    }
  }

  static {
    this.prototype.onResponseData[takesOctets] = function (controller, memory, start, end) {
      const response = this.#current()
      if (response !== null && !response.pushOctets(memory, start, end)) {
        this.#pause(controller, response)
      }
    }
  }

  onResponseEnd (controller, trailers) {
    if (trailers && typeof trailers === 'object') {
      for (const name of Object.keys(trailers)) {
        define(this.#trailers, name, trailers[name])
      }
    }
    this.#current()?.push(null)
  }

  onResponseError (controller, error) {
    const response = this.#takeResponse()
    const body = this.#body

    this.fail(error)
    if (response !== null) {
      // Not before what is queued already has been told.
      queueMicrotask(() => this.runInAsyncScope(destroy, null, response.on('error', ignore), error))
    }
    if (isStream(body)) {
      this.#body = null
      destroy(body.on('error', ignore), error)
    }
    this.unlisten()
  }

  #pause (controller, response) {
    controller.pause()
    if (!response.isInUse) {
      this.#letGo(response)
    }
  }

  #current () {
    return this.#response ?? this.#unused?.deref() ?? null
  }

  #takeResponse () {
    const response = this.#current()
    this.#response = null
    if (this.#unused !== null) {
      this.#unused = null
      unused.unregister(this)
    }
    return response
  }

  #letGo (response) {
    if (this.#unused !== null) {
      return
    }
    this.#response = null
    this.#unused = new WeakRef(response)
    unused.register(response, this, this)
    response.whenUsed((response) => {
      this.#takeResponse()
      this.#response = response
    })
  }
}

const TellingHandler = telling(RequestHandler)

// What request() tells. The timings are made for those who look, at that moment; else it is a plain object.
class Result {
  #controller

  constructor (statusCode, statusText, headers, trailers, opaque, body, context, controller) {
    this.statusCode = statusCode
    this.statusText = statusText
    this.headers = headers
    this.trailers = trailers
    this.opaque = opaque
    this.body = body
    this.context = context
    this.#controller = controller
  }

  get timings () {
    return this.#controller?.timings ?? null
  }
}
// `constructor` is that of a plain object.
delete Result.prototype.constructor

function request (options, callback) {
  if (callback === undefined) {
    return new Promise((resolve, reject) => start(this, options, resolve, reject))
  }
  called(options, callback, () => start(this, options, callback))
}

function start (dispatcher, options, callback, reject) {
  const Handler = handlerFor(options, RequestHandler, TellingHandler)
  dispatcher.dispatch(options, new Handler(options, callback, reject))
}

module.exports = { request, RequestHandler }
