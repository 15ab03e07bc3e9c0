'use strict'

// The interceptor that undoes content codings (RFC 9110 section 8.4). The engine does it, on its own thread, where this
// handler is the one that comes to it. Otherwise which responses have any that are known is decided here, and how octets go
// through the decoders is in decoder-chain.js.

const { DecoderChain, decodersFor } = require('./decoder-chain')
const { DecodedHandler } = require('../handler/decoded-handler')
const { RelayController } = require('../handler/relay-controller')
const { InvalidArgumentError, RequestAbortedError } = require('../core/errors')
const { lowerCaseName } = require('../core/headers')
const { takesOctets } = require('../core/octets')

// What is not true of a content any more when it is decoded.
const DROPPED = new Set(['content-encoding', 'content-length'])

// The handler's controller: what it pauses is the output of the chain, and the exchange only where that has enough.
class DecompressController extends RelayController {
  chain = null
  // What is dropped is dropped from the raw fields as well, once somebody asks for them.
  isDecoded = false
  #rawHeaders = null
  // Of an abort while the exchange is over and its content is not: of the chain alone.
  #end = null

  pause () {
    if (this.chain === null) {
      super.pause()
    } else {
      this.chain.pause()
    }
  }

  resume () {
    if (this.chain === null) {
      super.resume()
    } else {
      this.chain.resume()
    }
  }

  abort (reason) {
    if (!this.chain?.abort(reason)) {
      super.abort(reason)
    } else {
      this.#end ??= { reason: reason ?? null }
    }
  }

  get aborted () {
    return this.#end !== null || super.aborted
  }

  get reason () {
    return this.#end === null ? super.reason : this.#end.reason
  }

  /** The exchange itself, past the chain. */
  holdExchange () {
    super.pause()
  }

  continueExchange () {
    super.resume()
  }

  abortExchange (reason) {
    super.abort(reason)
  }

  get paused () {
    return this.chain === null ? super.paused : this.chain.paused
  }

  get rawHeaders () {
    if (this.#rawHeaders === null && this.isDecoded) {
      const fields = super.rawHeaders
      this.#rawHeaders = Array.isArray(fields) ? withoutDropped(fields) : null
    }
    return this.#rawHeaders ?? super.rawHeaders
  }

  set rawHeaders (fields) {
    this.#rawHeaders = fields
  }
}

// The content that the engine told is none, and the exchange is over. Its handler hears it in a turn of its own, as it hears
// of a decoder's error: who was told of the head just now has had no chance yet to listen to the body. It stands in the
// place of a chain.
class FaultyEnd {
  #tell
  #due

  constructor (error, tell) {
    this.#tell = tell
    this.#due = setImmediate(() => this.#end(error))
  }

  get paused () {
    return false
  }

  pause () {}

  resume () {}

  /** Returns that the exchange is over already. */
  abort (reason) {
    if (this.#due !== null) {
      clearImmediate(this.#due)
      this.#end(reason ?? new RequestAbortedError())
    }
    return true
  }

  #end (error) {
    this.#due = null
    this.#tell(error)
  }
}

class DecompressHandler extends DecodedHandler {
  #options
  #controller = new DecompressController()
  #chain = null

  constructor (options, handler) {
    super(Array.isArray(options.skipStatusCodes) ? options : null, handler)
    this.#options = options
  }

  onRequestStart (controller, context) {
    if (this.#controller.begin(controller)) {
      super.onRequestStart(this.#controller, context)
    }
  }

  onRequestUpgrade (controller, statusCode, headers, socket) {
    super.onRequestUpgrade(this.#controller, statusCode, headers, socket)
  }

  onResponseStart (controller, statusCode, headers, statusText) {
    const isDecodedHere = !this.isDecoded && this.#isToBeDecoded(statusCode)
    const decoders = isDecodedHere ? decodersFor(headers['content-encoding']) : null
    if (decoders === null && (!this.isDecoded || statusCode < 200)) {
      super.onResponseStart(this.#controller, statusCode, headers, statusText)
      return
    }
    const own = {}
    for (const name of Object.keys(headers)) {
      if (!DROPPED.has(name)) {
        own[name] = headers[name]
      }
    }
    this.#controller.isDecoded = true
    if (decoders !== null) {
      this.#decode(decoders)
    }
    super.onResponseStart(this.#controller, statusCode, own, statusText)
  }

  #decode (decoders) {
    this.#chain = new DecoderChain(decoders, this.#options.maxSize, {
      data: (chunk) => super.onResponseData(this.#controller, chunk),
      end: (trailers) => super.onResponseEnd(this.#controller, trailers),
      error: (error) => super.onResponseError(this.#controller, error),
      hold: () => this.#controller.holdExchange(),
      continue: () => this.#controller.continueExchange(),
      abort: (error) => this.#controller.abortExchange(error)
    })
    if (this.#controller.paused) {
      this.#chain.pause()
    }
    this.#controller.chain = this.#chain
  }

  onResponseData (controller, chunk) {
    if (this.#chain === null) {
      super.onResponseData(this.#controller, chunk)
    } else {
      this.#chain.write(chunk)
    }
  }

  static {
    this.prototype.onResponseData[takesOctets] = function (controller, memory, start, end) {
      if (this.isDecoded) {
        this.tellOctets(this.#controller, memory, start, end)
      } else {
        this.onResponseData(controller, memory.keep(start, end))
      }
    }
  }

  onResponseEnd (controller, trailers) {
    if (this.contentFault !== null) {
      this.#controller.chain = new FaultyEnd(this.contentFault, (error) => super.onResponseError(this.#controller, error))
    } else if (this.#chain === null) {
      super.onResponseEnd(this.#controller, trailers)
    } else {
      this.#chain.end(trailers)
    }
  }

  onResponseError (controller, error) {
    if (this.#chain === null) {
      super.onResponseError(this.#controller, error)
    } else {
      this.#chain.fail(error)
    }
  }

  #isToBeDecoded (statusCode) {
    const { skipStatusCodes, skipErrorResponses } = this.#options
    return statusCode >= 200 && !skipStatusCodes.includes(statusCode) && !(skipErrorResponses && statusCode >= 400)
  }
}

function withoutDropped (fields) {
  const kept = []
  for (let i = 0; i < fields.length; i += 2) {
    if (!DROPPED.has(lowerCaseName(fields[i].toString('latin1')))) {
      kept.push(fields[i], fields[i + 1])
    }
  }
  return kept
}

/**
 * @param {object} [given] `skipStatusCodes` (default 204 and 304), `skipErrorResponses` (default true: from 400 on),
 *   `maxSize` (octets of each layer at most, default 0: any number)
 * @returns {Function} an interceptor
 * @throws {InvalidArgumentError} where `maxSize` is no whole number
 */
function decompress ({ skipStatusCodes = [204, 304], skipErrorResponses = true, maxSize = 0 } = {}) {
  if (!Number.isSafeInteger(maxSize) || maxSize < 0) {
    throw new InvalidArgumentError('maxSize must be a non-negative integer')
  }
  const options = { skipStatusCodes, skipErrorResponses, maxSize, record: null }
  // The answer to HEAD has the fields of a content, and none.
  return (dispatch) => (request, handler) =>
    dispatch(request, request.method === 'HEAD' ? handler : new DecompressHandler(options, handler))
}

module.exports = { decompress }
