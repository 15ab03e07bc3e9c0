'use strict'

// The requests that are intercepted for an origin, in the order in which that was asked for, each with its reply and
// how often it was given. Which of them a request gets is decided here; giving the reply is not.

const { MockNotMatchedError } = require('./mock-errors')
const { matches, matchesBody, matchesHeaders, matchesPath, requestedPath } = require('./matching')

// Its fields are what `pendingInterceptors()` shows.
class Interception {
  timesInvoked = 0
  times = 1
  persist = false
  consumed = false
  ignoreTrailingSlash
  path
  method
  body
  headers
  query
  pending = true
  data

  #tellsLength

  constructor ({ path, method, body, headers, query }, data, { ignoreTrailingSlash, tellsLength }) {
    this.ignoreTrailingSlash = ignoreTrailingSlash
    this.path = path
    this.method = method
    this.body = body
    this.headers = headers
    this.query = query
    this.data = data
    this.#tellsLength = tellsLength
  }

  /** The reply is to say its length. */
  get tellsLength () {
    return this.#tellsLength
  }

  /** Counts a request that gets this reply. */
  invoke () {
    this.timesInvoked++
    this.consumed = !this.persist && this.timesInvoked >= this.times
    this.pending = this.timesInvoked < this.times
  }
}

// What is compared, in this order, and how an error names what had no match.
const steps = [
  [
    (interception, request, path) => matchesPath(interception, path),
    (request, path) => `path '${path}'`
  ],
  [
    (interception, { method }) => matches(interception.method, method),
    ({ method }, path) => `method '${method}' on path '${path}'`
  ],
  [
    (interception, { body }) => matchesBody(interception.body, body),
    ({ body }, path) => `body '${body}' on path '${path}'`
  ],
  [
    (interception, { headers }) => matchesHeaders(interception.headers, headers),
    ({ headers }, path) => `headers '${typeof headers === 'object' ? JSON.stringify(headers) : headers}' on path '${path}'`
  ]
]

class Interceptions {
  #list = []
  #total = 0

  /** How many were ever added. */
  get total () {
    return this.#total
  }

  /** How many can still match. */
  get remaining () {
    return this.#list.filter(({ consumed }) => !consumed).length
  }

  [Symbol.iterator] () {
    return this.#list.values()
  }

  add (key, data, options) {
    const interception = new Interception(key, data, options)
    this.#list.push(interception)
    this.#total++
    return interception
  }

  /**
   * The first that is for a request.
   *
   * @throws {MockNotMatchedError} saying what of the request had no match
   */
  match (request) {
    const path = requestedPath(request)
    let candidates = this.#list.filter(({ consumed }) => !consumed)
    for (const [isMatch, describe] of steps) {
      candidates = candidates.filter((interception) => isMatch(interception, request, path))
      if (candidates.length === 0) {
        throw new MockNotMatchedError(`Mock dispatch not matched for ${describe(request, path)}`)
      }
    }
    return candidates[0]
  }

  /** Forgets one that has given all its replies. */
  drop (interception) {
    const at = this.#list.indexOf(interception)
    if (interception.consumed && at !== -1) {
      this.#list.splice(at, 1)
    }
  }
}

module.exports = { Interceptions }
