'use strict'

// The interceptor that makes an error of every response with a status of 400 or above, with what it says as text or JSON.

const { DecoratorHandler } = require('../handler/decorator-handler')
const { InvalidArgumentError, ResponseError } = require('../core/errors')

const MAX_SIZE = 1024 * 1024

class ResponseErrorHandler extends DecoratorHandler {
  #maxSize
  // The response that becomes an error; null while there is none.
  #refused = null

  constructor (maxSize, handler) {
    super(handler)
    this.#maxSize = maxSize
  }

  onRequestStart (controller, context) {
    this.#refused = null
    super.onRequestStart(controller, context)
  }

  onResponseStart (controller, statusCode, headers, statusText) {
    if (statusCode < 400) {
      super.onResponseStart(controller, statusCode, headers, statusText)
    } else {
      this.#refused = new RefusedResponse(statusCode, headers, this.#maxSize)
    }
  }

  onResponseData (controller, chunk) {
    if (this.#refused === null) {
      super.onResponseData(controller, chunk)
    } else {
      this.#refused.push(chunk)
    }
  }

  onResponseEnd (controller, trailers) {
    if (this.#refused === null) {
      super.onResponseEnd(controller, trailers)
    } else {
      super.onResponseError(controller, this.#refused.toError())
    }
  }
}

class RefusedResponse {
  #statusCode
  #headers
  #maxSize
  #isJson
  // Null where the content is not text, or there has been enough of it.
  #decoder
  #text = ''
  #size = 0
  #isTruncated = false

  constructor (statusCode, headers, maxSize) {
    const contentType = String(headers['content-type'] ?? '')
    this.#statusCode = statusCode
    this.#headers = headers
    this.#maxSize = maxSize
    this.#isJson = contentType.startsWith('application/json')
    this.#decoder = this.#isJson || contentType.startsWith('text/plain') ? new TextDecoder() : null
  }

  push (chunk) {
    if (this.#decoder === null) {
      return
    }
    const room = this.#maxSize === 0 ? Infinity : this.#maxSize - this.#size
    const kept = chunk.length > room ? chunk.subarray(0, room) : chunk
    this.#size += kept.length
    this.#text += this.#decoder.decode(kept, { stream: true })
    if (kept !== chunk) {
      this.#isTruncated = true
      this.#finish()
    }
  }

  toError () {
    this.#finish()
    return new ResponseError('Response Error', this.#statusCode, {
      body: this.#isJson && !this.#isTruncated ? parsed(this.#text) : this.#text,
      bodyTruncated: this.#isTruncated,
      headers: this.#headers
    })
  }

  #finish () {
    this.#text += this.#decoder?.decode() ?? ''
    this.#decoder = null
  }
}

function parsed (text) {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/**
 * @param {object} [given] `maxSize`: how many octets of a content the error has at most, default 1 MiB; 0: all
 * @returns {Function} an interceptor
 * @throws {InvalidArgumentError} where `maxSize` is no whole number
 */
function responseError ({ maxSize = MAX_SIZE } = {}) {
  if (!Number.isSafeInteger(maxSize) || maxSize < 0) {
    throw new InvalidArgumentError('maxSize must be a non-negative integer')
  }
  return (dispatch) => (options, handler) => dispatch(options, new ResponseErrorHandler(maxSize, handler))
}

module.exports = { responseError }
