'use strict'

// The body of a request: what a user may pass as one, and what becomes of it when it is sent: its octets
// or where they come from, its length, its type. Nothing is written here, and of a stream nothing is read.

const { EventEmitter } = require('node:events')
const { isGeneratorFunction } = require('node:util').types
const { InvalidArgumentError } = require('./errors')
const { isFieldValue } = require('./headers')
const { encodeFormData } = require('./multipart')
const {
  bodyLength, isBlobLike, isDisturbed, isFormDataLike, isIterable, isStream, markUsed, plainOctets
} = require('./streams')

// Methods that anticipate content, so that none at all is said with `content-length: 0` (RFC 9110
// section 8.6). Content with another method makes some servers misread what follows on the connection.
const contentMethods = new Set(['PUT', 'POST', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH'])

// Methods whose content-length field is not compared with the body.
const contentLessMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT'])

// What the user passed, as a Buffer where it is octets already; null where there is none.
function normalizeBody (body) {
  if (body == null) {
    return null
  }
  if (typeof body === 'string') {
    return body.length > 0 ? Buffer.from(body) : null
  }
  if (isStream(body)) {
    return body
  }
  if (body instanceof Uint8Array) {
    const octets = plainOctets(body)
    return octets.byteLength > 0 ? octets : null
  }
  if (ArrayBuffer.isView(body)) {
    return body.byteLength > 0 ? Buffer.from(body.buffer, body.byteOffset, body.byteLength) : null
  }
  if (body instanceof ArrayBuffer) {
    return body.byteLength > 0 ? Buffer.from(body) : null
  }
  if (isFormDataLike(body) || isIterable(body) || isBlobLike(body)) {
    return body
  }
  throw new InvalidArgumentError('body must be a string, a Buffer, a Readable stream, an iterable, or an async iterable')
}

async function * octetsOfBlob (blob) {
  if (typeof blob.stream === 'function') {
    yield * blob.stream()
  } else {
    yield new Uint8Array(await blob.arrayBuffer())
  }
}

// What is sent of a request, settled at the moment of sending: a stream may have ended until then, and a
// subscriber of `undici:request:create` may have added fields.
class RequestContent {
  // 'none', 'bytes', 'stream' (a Readable) or 'iterable' (async or not).
  kind = 'none'
  // The octets of kind 'bytes'.
  bytes = null
  // Where the octets of the other kinds come from.
  source = null
  // What `content-length` says; null: no such field, and content of kind 'stream' or 'iterable' is chunked.
  length = null
  // The content type that the body brings along, when the user gave none.
  contentType = null
  // The method anticipates content.
  expectsContent = false
  // There is content that the method does not anticipate.
  unexpected = false
  // It waits until the server asks for it.
  awaitsContinue = false
  // The user's content-length field does not say the length that is known.
  mismatch = false
  // Why the request cannot be sent, or null.
  error = null

  constructor ({ method, body, contentLength, contentType, expectContinue }) {
    this.expectsContent = contentMethods.has(method)

    let length = null
    if (body === null) {
      length = 0
    } else if (body instanceof Uint8Array) {
      this.kind = 'bytes'
      this.bytes = body
      length = body.byteLength
    } else if (isStream(body)) {
      this.kind = 'stream'
      this.source = body
      // A stream that has ended notices only when it is read; then its length is what it still holds.
      if (typeof body.read === 'function') {
        body.read(0)
      }
      length = bodyLength(body)
    } else if (isFormDataLike(body)) {
      const form = encodeFormData(body)
      this.#bring(contentType, form.contentType)
      this.kind = form.bytes === null ? 'iterable' : 'bytes'
      this.bytes = form.bytes
      this.source = form.source
      length = form.length
    } else if (body instanceof URLSearchParams) {
      const bytes = Buffer.from(body.toString())
      this.#bring(contentType, 'application/x-www-form-urlencoded;charset=UTF-8')
      this.kind = 'bytes'
      this.bytes = bytes
      length = bytes.byteLength
    } else if (isBlobLike(body)) {
      const { type } = body
      if (type) {
        this.#bring(contentType, `${type}`)
      }
      this.kind = 'iterable'
      this.source = octetsOfBlob(body)
      length = bodyLength(body)
    } else {
      this.kind = 'iterable'
      this.source = body
    }

    if (length === 0) {
      this.kind = 'none'
      this.bytes = null
      this.source = null
    }

    this.length = length ?? contentLength
    // RFC 9110 section 8.6: no content-length where there is no content and the method expects none.
    if (this.length === 0 && !this.expectsContent) {
      this.length = null
    }
    this.mismatch = this.length > 0 && contentLength !== null && contentLength !== this.length &&
      !contentLessMethods.has(method)
    this.unexpected = this.kind !== 'none' && !this.expectsContent
    this.awaitsContinue = this.kind !== 'none' && expectContinue
  }

  #bring (given, own) {
    if (given !== null) {
      return
    }
    if (isFieldValue(own)) {
      this.contentType = own
    } else {
      this.error = new InvalidArgumentError('invalid content-type header')
    }
  }
}

// An iterable that can be read once, and that `isDisturbed` knows to have been read.
class ReadOnce {
  #source

  constructor (source) {
    this.#source = source
  }

  async * [Symbol.asyncIterator] () {
    if (isDisturbed(this)) {
      throw new TypeError('disturbed')
    }
    markUsed(this)
    yield * this.#source
  }
}

/**
 * A body in a form that tells whether it can still be sent: for those who may have to send it again.
 *
 * @param {*} body what a user may pass as one
 */
function repeatable (body) {
  if (isStream(body)) {
    if (typeof body.readableDidRead !== 'boolean') {
      // One that cannot say so itself. The listener is added past the stream's own `on`, which would start it.
      EventEmitter.prototype.on.call(body, 'data', () => markUsed(body))
    }
    return body
  }
  const isOnce = isIterable(body) && typeof body !== 'string' && !ArrayBuffer.isView(body) && !isFormDataLike(body) &&
    !(body instanceof URLSearchParams) && !beginsAnew(body)
  return isOnce ? new ReadOnce(body) : body
}

// A list, or what makes a new generator each time it is gone through. Of anything else that is not known.
function beginsAnew (body) {
  return Array.isArray(body) || body instanceof Set || isGeneratorFunction(body[Symbol.asyncIterator] ?? body[Symbol.iterator])
}

// The two contents of a request without a body; most requests share one of them.
const bodiless = { body: null, contentLength: null, contentType: null, expectContinue: false }
const nothing = Object.freeze(new RequestContent({ ...bodiless, method: 'GET' }))
const emptiness = Object.freeze(new RequestContent({ ...bodiless, method: 'POST' }))

// The content of a request.
function contentOf (request) {
  if (request.body === null) {
    return contentMethods.has(request.method) ? emptiness : nothing
  }
  return new RequestContent(request)
}

module.exports = { RequestContent, contentOf, normalizeBody, repeatable }
