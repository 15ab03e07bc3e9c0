'use strict'

// request(): the response with its body as a Readable.

const { Call, assertCall, assertOptions, called, ignore, promised } = require('./call')
const { BodyReadable } = require('./readable')
const { statusError } = require('./status-error')
const { define } = require('../core/headers')
const { destroy, isStream } = require('../core/streams')

class RequestHandler extends Call {
  #method
  #body
  #highWaterMark
  #throwOnError
  #response = null
  #trailers = {}

  constructor (options, callback) {
    assertOptions(options)
    const { signal, method, opaque, body, onInfo, responseHeaders, highWaterMark, throwOnError } = options
    assertCall(['callback', 'highWaterMark', 'signal', 'method', 'onInfo'],
      { callback, highWaterMark, signal, method, onInfo, body })

    super('UNDICI_REQUEST', { opaque, responseHeaders, onInfo, signal }, callback)
    this.#method = method
    this.#body = body
    this.#highWaterMark = highWaterMark
    this.#throwOnError = throwOnError
  }

  cancel (reason) {
    const response = this.#response
    if (response === null) {
      this.abort(reason)
      return
    }
    // Forgotten first: what arrives while it is being destroyed has nowhere to go.
    this.#response = null
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
      scope: this,
      onEnd: () => this.unlisten()
    })
    this.#response = response

    if (this.#throwOnError && statusCode >= 400) {
      this.failWith(statusError({ statusCode, statusText, headers: given, contentType, body: response }))
      return
    }

    try {
      this.succeed({
        statusCode,
        statusText,
        headers: given,
        trailers: this.#trailers,
        opaque: this.opaque,
        body: response,
        context: this.context
      })
    } catch (error) {
      // The user's callback threw: the body goes, the error is his program's.
      this.#response = null
      destroy(response.on('error', ignore), error)
      queueMicrotask(() => { throw error })
    }
  }

  onResponseData (controller, chunk) {
    if (this.#response !== null && !this.#response.push(chunk)) {
      controller.pause()
    }
  }

  onResponseEnd (controller, trailers) {
    if (trailers && typeof trailers === 'object') {
      for (const name of Object.keys(trailers)) {
        define(this.#trailers, name, trailers[name])
      }
    }
    this.#response?.push(null)
  }

  onResponseError (controller, error) {
    const response = this.#response
    const body = this.#body

    this.fail(error)
    if (response !== null) {
      this.#response = null
      // Not before what is queued already has been told.
      queueMicrotask(() => this.runInAsyncScope(destroy, null, response.on('error', ignore), error))
    }
    if (isStream(body)) {
      this.#body = null
      destroy(body.on('error', ignore), error)
    }
    this.unlisten()
  }
}

function request (options, callback) {
  if (callback === undefined) {
    return promised((callback) => request.call(this, options, callback))
  }
  called(options, callback, () => this.dispatch(options, new RequestHandler(options, callback)))
}

module.exports = { request, RequestHandler }
