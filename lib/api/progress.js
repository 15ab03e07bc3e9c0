'use strict'

// The options `onUploadProgress` and `onDownloadProgress` of a call: how many octets of the body of the request were handed
// to its connection, and how many of that of the response were received. A call with neither is of a class without all
// this, and pays nothing for it.

const { checks, assertCall } = require('./call')
const { contentOf, normalizeBody } = require('../core/body')
const { lowerCaseName, pairsOf } = require('../core/headers')

const CHECKS = [checks.onUploadProgress, checks.onDownloadProgress]
const digits = /^[0-9]+$/

/** A content-length field as a number; null where it is none. */
function lengthIn (field) {
  const length = typeof field === 'string' && digits.test(field) ? Number(field) : NaN
  return Number.isSafeInteger(length) ? length : null
}

/** What the user's own content-length field says. */
function declaredLength (headers) {
  // What can be gone through once only is the request's to go through.
  if (headers == null || typeof headers !== 'object' || headers[Symbol.iterator]?.() === headers) {
    return null
  }
  for (const [name, value] of pairsOf(headers)) {
    if (typeof name === 'string' && lowerCaseName(name) === 'content-length') {
      return lengthIn(value)
    }
  }
  return null
}

/** How long the body of a request will be, as far as that is known when it starts. */
function lengthOf ({ method, headers }, body) {
  const request = { method, body: normalizeBody(body), contentLength: null, contentType: '', expectContinue: false }
  return contentOf(request).length ?? declaredLength(headers)
}

/**
 * The class of a call that tells of its progress.
 *
 * @param {Function} Handler the class of a call whose constructor takes the options first
 * @param {Function} [bodyOf] the body of the request, of the call and its options
 */
function telling (Handler, bodyOf = (call, { body }) => body) {
  return class extends Handler {
    #onDownloadProgress
    #received = 0
    #total = null

    constructor (options, ...rest) {
      const { onUploadProgress, onDownloadProgress } = options
      assertCall(CHECKS, options)
      super(options, ...rest)
      this.#onDownloadProgress = onDownloadProgress ?? null
      if (onUploadProgress != null) {
        this.#tellUpload(options, onUploadProgress)
      }
    }

    onResponseStart (controller, statusCode, headers, statusText) {
      if (statusCode >= 200) {
        this.#received = 0
        this.#total = lengthIn(headers?.['content-length'])
      }
      super.onResponseStart(controller, statusCode, headers, statusText)
    }

    onResponseData (controller, chunk) {
      super.onResponseData(controller, chunk)
      if (this.#onDownloadProgress !== null) {
        this.#received += chunk.length
        this.runInAsyncScope(this.#onDownloadProgress, null, { loaded: this.#received, total: this.#total })
      }
    }

    // Methods of the instance: a dispatcher looks for them, and does more for who has them.
    #tellUpload (options, callback) {
      let sent = 0
      // Octets of a chunk that is not handed over completely yet.
      let pieces = 0
      let total
      const tell = (octets) => {
        if (octets > 0) {
          sent += octets
          this.runInAsyncScope(callback, null, { loaded: sent, total })
        }
      }
      this.onRequestStart = (controller, context) => {
        sent = pieces = 0
        if (total === undefined) {
          total = lengthOf(options, bodyOf(this, options))
        }
        super.onRequestStart(controller, context)
      }
      this.onBodyPieceSent = (octets) => {
        pieces += octets
        tell(octets)
      }
      this.onBodySent = (chunk) => {
        const rest = Buffer.byteLength(chunk) - pieces
        pieces = 0
        tell(rest)
      }
    }
  }
}

/**
 * The class of a call with these options: that which is given, or one of it that tells of its progress.
 *
 * @param {object} options of the call
 * @param {Function} Handler
 * @param {Function} Telling see `telling`
 */
function handlerFor (options, Handler, Telling) {
  return options?.onUploadProgress == null && options?.onDownloadProgress == null ? Handler : Telling
}

module.exports = { handlerFor, telling }
