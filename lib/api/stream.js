'use strict'

// stream(): the body of the response goes straight into a Writable that the user makes.

const { PassThrough } = require('node:stream')
const { Call, checks, assertCall, assertOptions, called, promised } = require('./call')
const { handlerFor, telling } = require('./progress')
const { statusError } = require('./status-error')
const { InvalidReturnValueError } = require('../core/errors')
const { destroy } = require('../core/streams')

const CHECKS = [checks.callback, checks.factory, checks.signal, checks.method, checks.onInfo]

class StreamHandler extends Call {
  #factory
  #body
  #throwOnError
  #sink = null
  #trailers = null

  constructor (options, factory, callback) {
    assertOptions(options)
    const { signal, method, opaque, body, onInfo, responseHeaders, throwOnError } = options
    assertCall(CHECKS,
      { callback, factory, signal, method, onInfo, body })

    super('UNDICI_STREAM', { opaque, responseHeaders, onInfo, signal }, callback)
    this.#factory = factory
    this.#body = body
    this.#throwOnError = throwOnError
  }

  onResponseStart (controller, statusCode, headers, statusText) {
    const given = this.headersFrom(controller, headers)
    if (statusCode < 200) {
      this.informed(statusCode, given)
      return
    }
    const factory = this.#factory
    if (factory === null) {
      return
    }
    this.#factory = null

    if (this.#throwOnError && statusCode >= 400) {
      const sink = new PassThrough()
      const contentType = headers?.['content-type']
      this.#follow(controller, sink)
      this.failWith(statusError({ statusCode, statusText, headers: given, contentType, body: sink }))
      return
    }

    const sink = this.runInAsyncScope(factory, null, {
      statusCode,
      headers: given,
      opaque: this.opaque,
      context: this.context
    })
    if (!sink || typeof sink.write !== 'function' || typeof sink.end !== 'function' ||
        typeof sink.on !== 'function') {
      throw new InvalidReturnValueError('expected Writable')
    }
    untilWritten(sink, (error) => this.#finished(error))
    this.#follow(controller, sink)
  }

  #follow (controller, sink) {
    this.#sink = sink
    sink.on('drain', () => controller.resume())
    if (sink.writableNeedDrain ?? sink._writableState?.needDrain) {
      controller.pause()
    }
  }

  #finished (error) {
    const sink = this.#sink
    this.#sink = null
    // A sink that can be read from, a PassThrough for example, is still being read.
    if (error || !sink?.readable) {
      destroy(sink, error)
    }
    const { callback } = this
    this.callback = null
    if (callback) {
      this.runInAsyncScope(callback, null, error ?? null, {
        opaque: this.opaque,
        trailers: this.#trailers
      })
    }
    if (error) {
      this.abort(error)
    }
  }

  onResponseData (controller, chunk) {
    const sink = this.#sink
    if (sink !== null && this.runInAsyncScope(sink.write, sink, chunk) === false) {
      controller.pause()
    }
  }

  onResponseEnd (controller, trailers) {
    const sink = this.#sink
    this.unlisten()
    if (sink === null) {
      return
    }
    if (trailers && typeof trailers === 'object') {
      this.#trailers = trailers
    }
    this.runInAsyncScope(sink.end, sink)
  }

  onResponseError (controller, error) {
    const sink = this.#sink
    this.unlisten()
    this.#factory = null
    if (sink !== null) {
      this.#sink = null
      this.runInAsyncScope(destroy, null, sink, error)
    } else {
      this.fail(error)
    }
    if (this.#body) {
      destroy(this.#body, error)
      this.#body = null
    }
  }
}

// Calls back once: when all was written, or it never will be. Does not wait for 'close', which may not come.
function untilWritten (sink, callback) {
  const settle = (error) => {
    sink.off('finish', onFinish).off('error', settle).off('close', onClose)
    callback(error)
  }
  const onFinish = () => settle(undefined)
  const onClose = () => settle(sink.errored ?? (sink.writableFinished ? undefined : prematureClose()))
  sink.on('finish', onFinish).on('error', settle).on('close', onClose)
  if (sink.closed) {
    process.nextTick(onClose)
  } else if (sink.writableFinished) {
    process.nextTick(onFinish)
  }
}

function prematureClose () {
  const error = new Error('Premature close')
  error.code = 'ERR_STREAM_PREMATURE_CLOSE'
  return error
}

const TellingHandler = telling(StreamHandler)

function stream (options, factory, callback) {
  if (callback === undefined) {
    return promised((callback) => stream.call(this, options, factory, callback))
  }
  called(options, callback, () => {
    const Handler = handlerFor(options, StreamHandler, TellingHandler)
    return this.dispatch(options, new Handler(options, factory, callback))
  })
}

module.exports = { stream }
