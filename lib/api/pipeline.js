'use strict'

// pipeline(): a Duplex that writes the body of the request and reads the body of the response.

const { Duplex, PassThrough, Readable } = require('node:stream')
const { Call, checks, assertCall, assertOptions, ignore } = require('./call')
const { handlerFor, telling } = require('./progress')
const { InvalidReturnValueError, RequestAbortedError } = require('../core/errors')
const { destroy, markUsed } = require('../core/streams')

// The body of the request: what is written to the Duplex, one write at a time.
const CHECKS = [checks.handler, checks.signal, checks.method, checks.onInfo]

class PipelineRequest extends Readable {
  #resume = null

  constructor () {
    super()
    // What was written cannot be had again for another attempt.
    markUsed(this)
  }

  // Passes a chunk on and calls back when the next one is wanted.
  take (chunk, encoding, callback) {
    if (this.push(chunk, encoding) || this.destroyed) {
      callback()
    } else {
      this.#resume = callback
    }
  }

  _read () {
    const resume = this.#resume
    if (resume !== null) {
      this.#resume = null
      resume()
    }
  }

  _destroy (error, callback) {
    this._read()
    callback(error)
  }
}

// The body of the response, as the user's handler gets it.
class PipelineResponse extends Readable {
  #controller

  constructor (controller) {
    super()
    this.#controller = controller
  }

  _read () {
    this.#controller.resume()
  }

  _destroy (error, callback) {
    callback(!error && !this.readableEnded ? new RequestAbortedError() : error)
  }
}

class PipelineHandler extends Call {
  request = new PipelineRequest().on('error', ignore)
  duplex

  #handler
  #response = null
  // What the user's handler returned: the response, perhaps transformed.
  #result = null

  constructor (options, handler) {
    assertOptions(options)
    const { signal, method, opaque, onInfo, responseHeaders, objectMode } = options
    assertCall(CHECKS, { handler, signal, method, onInfo })

    super('UNDICI_PIPELINE', { opaque, responseHeaders, onInfo, signal }, null)
    this.#handler = handler
    this.duplex = new Duplex({
      readableObjectMode: objectMode,
      read: () => this.#result?.resume?.(),
      write: (chunk, encoding, callback) => this.request.take(chunk, encoding, callback),
      final: (callback) => {
        this.request.push(null)
        callback()
      },
      destroy: (error, callback) => this.#destroy(error, callback)
    })
  }

  #destroy (error, callback) {
    if (!error && !this.duplex.readableEnded) {
      error = new RequestAbortedError()
    }
    if (error) {
      this.abort()
    }
    destroy(this.#result, error)
    destroy(this.request, error)
    // The Duplex tells the error; on a response that nobody reads it would end the process.
    destroy(this.#response?.on('error', ignore), error)
    this.unlisten()
    callback(error)
  }

  onResponseStart (controller, statusCode, headers) {
    const given = this.headersFrom(controller, headers)
    if (statusCode < 200) {
      this.informed(statusCode, given)
      return
    }

    const handler = this.#handler
    const response = new PipelineResponse(controller)
    this.#handler = null
    this.#response = response
    const result = this.runInAsyncScope(handler, null, {
      statusCode,
      headers: given,
      opaque: this.opaque,
      body: response,
      context: this.context
    })
    if (!result || typeof result.on !== 'function') {
      throw new InvalidReturnValueError('expected Readable')
    }
    this.#result = result
    this.runInAsyncScope(this.#read, this, result)
  }

  #read (result) {
    const { duplex } = this
    result
      .on('data', (chunk) => {
        if (!duplex.push(chunk) && result.pause) {
          result.pause()
        }
      })
      .on('error', (error) => destroy(duplex, error))
      .on('end', () => duplex.push(null))
      .on('close', () => {
        if (!duplex._readableState.ended) {
          destroy(duplex, new RequestAbortedError())
        }
      })
  }

  onResponseData (controller, chunk) {
    const response = this.#response
    if (this.runInAsyncScope(response.push, response, chunk) === false) {
      controller.pause()
    }
  }

  onResponseEnd () {
    const response = this.#response
    this.runInAsyncScope(response.push, response, null)
  }

  onResponseError (controller, error) {
    this.#handler = null
    this.runInAsyncScope(destroy, null, this.duplex, error)
  }
}

const TellingHandler = telling(PipelineHandler, ({ request }) => request)

function pipeline (options, handler) {
  try {
    const Handler = handlerFor(options, PipelineHandler, TellingHandler)
    const call = new Handler(options, handler)
    this.dispatch({ ...options, body: call.request }, call)
    return call.duplex
  } catch (error) {
    return new PassThrough().destroy(error)
  }
}

module.exports = { pipeline }
