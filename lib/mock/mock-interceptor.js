'use strict'

// What `intercept()` returns, to say what the reply is, and what its `reply()` returns, to say when and how often.

const { isPromise } = require('node:util').types
const { InvalidArgumentError } = require('../core/errors')
const { interceptedPath } = require('./matching')
const { octetsOf } = require('./reply-data')

/** When a reply comes, and how often. */
class MockScope {
  #interception

  constructor (interception) {
    this.#interception = interception
  }

  /**
   * The reply comes after so many milliseconds.
   *
   * @throws {InvalidArgumentError} where that is no whole number above 0
   */
  delay (waitInMs) {
    assertCount('waitInMs', waitInMs)
    this.#interception.delay = waitInMs
    return this
  }

  /** The reply is given any number of times. */
  persist () {
    this.#interception.persist = true
    return this
  }

  /**
   * The reply is given so many times, instead of once.
   *
   * @throws {InvalidArgumentError} where that is no whole number above 0
   */
  times (repeatTimes) {
    assertCount('repeatTimes', repeatTimes)
    this.#interception.times = repeatTimes
    return this
  }
}

class MockInterceptor {
  #key
  #interceptions
  #ignoreTrailingSlash
  #headers = {}
  #trailers = {}
  #tellsLength = false

  /**
   * @param {object} options see docs/api/MockPool.md
   * @param {import('./interceptions').Interceptions} interceptions where replies are added
   * @throws {InvalidArgumentError} where options are none, or have no path
   */
  constructor (options, interceptions) {
    if (options === null || typeof options !== 'object') {
      throw new InvalidArgumentError('opts must be an object')
    }
    const { path, method = 'GET', body, headers, query, ignoreTrailingSlash = false } = options
    if (path === undefined) {
      throw new InvalidArgumentError('opts.path must be defined')
    }
    this.#key = {
      path: interceptedPath(path, query),
      method: typeof method === 'string' ? method.toUpperCase() : method,
      body,
      headers,
      query
    }
    this.#interceptions = interceptions
    this.#ignoreTrailingSlash = ignoreTrailingSlash
  }

  /**
   * Adds a reply.
   *
   * @param {number|Function} statusCode or a function of the request that returns, or promises, `{ statusCode, data,
   *   responseOptions }`
   * @param {*} [data] the body: octets, a string, an object that becomes JSON, or a function of the request that
   *   returns or promises one of those
   * @param {object} [responseOptions] `headers` and `trailers`
   * @returns {MockScope}
   * @throws {InvalidArgumentError} where there is no status, or `responseOptions` is no object
   */
  reply (statusCode, data, responseOptions) {
    if (typeof statusCode !== 'function') {
      return this.#add(this.#replyData({ statusCode, data, responseOptions }))
    }
    const answer = statusCode
    return this.#add({
      callback: (request) => {
        const given = answer(request)
        return isPromise(given) ? given.then((value) => this.#answered(value)) : this.#answered(given)
      }
    })
  }

  /**
   * Adds a failure: the request hears `error`.
   *
   * @returns {MockScope}
   * @throws {InvalidArgumentError} where there is none
   */
  replyWithError (error) {
    assertDefined('error', error)
    return this.#add({ error })
  }

  /** Headers of all replies that are added from here on; those of a reply win. */
  defaultReplyHeaders (headers) {
    assertDefined('headers', headers)
    this.#headers = headers
    return this
  }

  /** Trailers of all replies that are added from here on; those of a reply win. */
  defaultReplyTrailers (trailers) {
    assertDefined('trailers', trailers)
    this.#trailers = trailers
    return this
  }

  /** Replies that are added from here on say their length in a `content-length` field. */
  replyContentLength () {
    this.#tellsLength = true
    return this
  }

  // --- inside

  #add (data) {
    return new MockScope(this.#interceptions.add(this.#key, { error: null, ...data }, {
      ignoreTrailingSlash: this.#ignoreTrailingSlash,
      tellsLength: this.#tellsLength
    }))
  }

  #answered (value) {
    if (typeof value !== 'object' || value === null) {
      throw new InvalidArgumentError('reply options callback must return an object')
    }
    return this.#replyData(value)
  }

  #replyData ({ statusCode, data = '', responseOptions = {} }) {
    assertDefined('statusCode', statusCode)
    if (typeof responseOptions !== 'object' || responseOptions === null) {
      throw new InvalidArgumentError('responseOptions must be an object')
    }
    return {
      statusCode,
      data,
      headers: { ...this.#headers, ...this.#lengthOf(data), ...responseOptions.headers },
      trailers: { ...this.#trailers, ...responseOptions.trailers }
    }
  }

  // What a function will return has its length told later.
  #lengthOf (data) {
    return this.#tellsLength && typeof data !== 'function' ? { 'content-length': octetsOf(data).length } : {}
  }
}

function assertDefined (name, value) {
  if (value === undefined) {
    throw new InvalidArgumentError(`${name} must be defined`)
  }
}

function assertCount (name, value) {
  if (!Number.isInteger(value) || value <= 0) {
    throw new InvalidArgumentError(`${name} must be a valid integer > 0`)
  }
}

module.exports = { MockInterceptor, MockScope }
