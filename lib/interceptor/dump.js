'use strict'

// The interceptor that throws away the content of every response, up to a size, so that its connection can be used again.

const { DecoratorHandler } = require('../handler/decorator-handler')
const { RelayController } = require('../handler/relay-controller')
const { InvalidArgumentError, RequestAbortedError } = require('../core/errors')

const MAX_SIZE = 1024 * 1024

// An abort must not cost the connection: the response is thrown away to its end, and the handler hears of it then.
class LenientController extends RelayController {
  #aborted = false
  #reason = null

  abort (reason) {
    if (!this.#aborted) {
      this.#aborted = true
      this.#reason = reason ?? new RequestAbortedError()
      this.resume()
    }
  }

  get aborted () {
    return this.#aborted
  }

  get reason () {
    return this.#reason
  }
}

class DumpHandler extends DecoratorHandler {
  #maxSize
  #size = 0
  #controller = new LenientController()

  constructor (maxSize, handler) {
    if (maxSize != null && (!Number.isFinite(maxSize) || maxSize < 1)) {
      throw new InvalidArgumentError('maxSize must be a number greater than 0')
    }
    super(handler)
    this.#maxSize = maxSize ?? MAX_SIZE
  }

  onRequestStart (controller, context) {
    this.#controller.begin(controller)
    super.onRequestStart(this.#controller, context)
  }

  onRequestUpgrade (controller, statusCode, headers, socket) {
    super.onRequestUpgrade(this.#controller, statusCode, headers, socket)
  }

  onResponseStart (controller, statusCode, headers, statusText) {
    const length = headers['content-length']
    if (length !== undefined && length > this.#maxSize) {
      throw new RequestAbortedError(`Response size (${length}) larger than maxSize (${this.#maxSize})`)
    }
    if (!this.#controller.aborted) {
      super.onResponseStart(this.#controller, statusCode, headers, statusText)
    }
  }

  onResponseData (controller, chunk) {
    this.#size += chunk.length
    if (this.#size > this.#maxSize) {
      throw new RequestAbortedError(`Response size (${this.#size}) larger than maxSize (${this.#maxSize})`)
    }
  }

  onResponseEnd (controller, trailers) {
    if (this.#controller.aborted) {
      super.onResponseError(this.#controller, this.#controller.reason)
    } else {
      super.onResponseEnd(this.#controller, this.#size === this.#maxSize ? {} : trailers)
    }
  }

  onResponseError (controller, error) {
    super.onResponseError(this.#controller, this.#controller.aborted ? this.#controller.reason : error)
  }
}

/**
 * @param {object} [given] `maxSize`: octets, default 1 MiB; a larger response is aborted. A request may have its own,
 *   as `dumpMaxSize`
 * @returns {Function} an interceptor
 */
function dump ({ maxSize } = {}) {
  return (dispatch) => (options, handler) => {
    const { dumpMaxSize = maxSize } = options
    return dispatch(options, new DumpHandler(dumpMaxSize, handler))
  }
}

module.exports = { dump }
