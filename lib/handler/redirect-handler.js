'use strict'

// The handler that follows redirects (RFC 9110 section 15.4): each hop is an exchange of its own, of which the user's
// handler hears the start, and of the last one all. What may be sent to the next origin is decided here.

const { asSecondGeneration } = require('../core/generations')
const { RelayController } = require('./relay-controller')
const { RelayHandler } = require('./relay-handler')
const { InvalidArgumentError, MaxRedirectsError } = require('../core/errors')
const { repeatable } = require('../core/body')
const { lowerCaseName, pairsOf, withRepeatableFields } = require('../core/headers')
const { eachHop, recordHop } = require('../core/redirect-hops')
const { destroy, isDisturbed, isStream } = require('../core/streams')
const { meantOrigin, parseURL, serializePathWithQuery } = require('../core/url')

const REDIRECTS = new Set([300, 301, 302, 303, 307, 308])
// What speaks for the user to one origin is not for another.
const CREDENTIALS = new Set(['authorization', 'cookie', 'proxy-authorization'])

const ignore = () => {}

/** What was asked for. A path that begins with two slashes would name another host if it was resolved. */
function urlOf (origin, target) {
  return new URL(target[0] === '/' ? `${origin}${target}` : target, origin)
}

function assertLimit (maxRedirections) {
  if (maxRedirections != null && (!Number.isInteger(maxRedirections) || maxRedirections < 0)) {
    throw new InvalidArgumentError('maxRedirections must be a positive number')
  }
}

function nameSet (names, option) {
  if (names == null) {
    return new Set()
  }
  if (!Array.isArray(names)) {
    throw new InvalidArgumentError(`${option} must be an array`)
  }
  return new Set(names.map((name) => {
    if (typeof name !== 'string') {
      throw new InvalidArgumentError(`${option} must contain header names`)
    }
    return lowerCaseName(name)
  }))
}

class RedirectHandler extends RelayHandler {
  #dispatch
  #handler
  #options
  #maxRedirections
  #throwOnMaxRedirect
  #stripped
  #strippedAcrossOrigins
  // The URLs that answered so far.
  #history = []
  // What the answer under way leads to; null where it is the last.
  #next = null
  #controller

  /**
   * A dispatch function that follows redirects.
   *
   * @param {object} dispatcher
   * @param {number} maxRedirections
   */
  static buildDispatch (dispatcher, maxRedirections) {
    assertLimit(maxRedirections)
    const dispatch = dispatcher.dispatch.bind(dispatcher)
    return (options, handler) => RedirectHandler.start(dispatch, maxRedirections, options, handler)
  }

  /** Sends a request whose redirects are followed. Who gets it from here does not follow them too. */
  static start (dispatch, maxRedirections, options, handler) {
    assertLimit(maxRedirections)
    const hop = options[eachHop]?.take(dispatch, options) ?? { dispatch, options }
    const own = withRepeatableFields(hop.options)
    const redirecting = new RedirectHandler(hop.dispatch, maxRedirections, own, handler)
    return hop.dispatch(redirecting.#options, redirecting)
  }

  /**
   * @param {Function} dispatch sends each hop
   * @param {number} maxRedirections how many hops beyond the first
   * @param {object} options of the request; `throwOnMaxRedirect`, `stripHeadersOnRedirect`,
   *   `stripHeadersOnCrossOriginRedirect`
   * @param {object} handler of either generation
   * @throws {InvalidArgumentError} where one of these is not of its kind
   */
  constructor (dispatch, maxRedirections, options, handler) {
    assertLimit(maxRedirections)
    const { throwOnMaxRedirect } = options
    if (throwOnMaxRedirect != null && typeof throwOnMaxRedirect !== 'boolean') {
      throw new InvalidArgumentError('throwOnMaxRedirect must be a boolean')
    }
    const { stripHeadersOnRedirect, stripHeadersOnCrossOriginRedirect, ...own } = options
    const stripped = nameSet(stripHeadersOnRedirect, 'stripHeadersOnRedirect')
    const strippedAcrossOrigins = nameSet(stripHeadersOnCrossOriginRedirect, 'stripHeadersOnCrossOriginRedirect')
    const hearing = asSecondGeneration(handler)
    const controller = new RelayController()
    super(hearing, controller)
    this.#dispatch = dispatch
    this.#maxRedirections = maxRedirections
    this.#throwOnMaxRedirect = throwOnMaxRedirect === true
    this.#stripped = stripped
    this.#strippedAcrossOrigins = strippedAcrossOrigins
    this.#options = { ...own, body: repeatable(own.body), maxRedirections: 0 }
    this.#handler = hearing
    this.#controller = controller
  }

  onRequestStart (controller, context) {
    if (this.#controller.begin(controller)) {
      this.#handler.onRequestStart?.(this.#controller, { ...context, history: this.#history })
    }
  }

  onResponseStart (controller, statusCode, headers, statusText) {
    if (statusCode >= 200) {
      this.#next = this.#follow(statusCode, headers)
    }
    if (this.#next === null) {
      this.#handler.onResponseStart?.(this.#controller, statusCode, headers, statusText)
    }
  }

  // The content of a redirect is for people to read who are not led on.
  onResponseData (controller, chunk) {
    if (this.#next === null) {
      this.#handler.onResponseData?.(this.#controller, chunk)
    }
  }

  onResponseEnd (controller, trailers) {
    if (this.#next === null) {
      this.#handler.onResponseEnd?.(this.#controller, trailers)
      return
    }
    this.#options = this.#next
    this.#next = null
    this.#dispatch(this.#options, this)
  }

  onResponseError (controller, error) {
    this.#handler.onResponseError?.(this.#controller, error)
  }

  // The options of the request that an answer leads to, or null where it leads nowhere.
  #follow (statusCode, headers) {
    const options = { ...this.#options }
    const { method, path, query, body } = options
    const isPostAsGet = (statusCode === 301 || statusCode === 302) && method === 'POST'
    if (isPostAsGet || (statusCode === 303 && method !== 'HEAD')) {
      options.method = 'GET'
      options.body = null
    }

    const { location } = headers
    let target = null
    if (location !== undefined && location !== '' && REDIRECTS.has(statusCode) && !isDisturbed(options.body)) {
      target = Array.isArray(location) ? location[0] : location
    }
    if (target !== null && this.#history.length >= this.#maxRedirections) {
      if (this.#throwOnMaxRedirect) {
        throw new MaxRedirectsError()
      }
      target = null
    }

    const asked = options[meantOrigin] ?? options.origin
    const origin = asked ? new URL(asked).origin : undefined
    const url = origin && urlOf(origin, query ? serializePathWithQuery(path, query) : path)
    if (url !== undefined) {
      this.#history.push(url)
    }
    if (target === null) {
      return null
    }

    recordHop(this.#history, statusCode, headers)
    const next = parseURL(new URL(target, url))
    const nextPath = `${next.pathname}${next.search}`
    if (this.#history.some((visited) => visited.href === `${next.origin}${nextPath}`)) {
      throw new InvalidArgumentError(`Redirect loop detected. Cannot redirect to ${next.origin}. This typically happens when using a Client or Pool with cross-origin redirects. Use an Agent for cross-origin redirects.`)
    }
    if (options.body === null && isStream(body)) {
      destroy(body.on('error', ignore))
    }
    const isCrossOrigin = next.origin !== origin || next.origin !== url.origin
    options.headers = this.#headersFor(options.headers, isPostAsGet || statusCode === 303, isCrossOrigin)
    options.path = nextPath
    options.origin = next.origin
    options[meantOrigin] = next.origin
    options.query = null
    return options
  }

  #headersFor (headers, losesContent, isCrossOrigin) {
    const kept = []
    for (const [name, value] of pairsOf(headers)) {
      const key = lowerCaseName(name)
      const isDropped = key === 'host' || this.#stripped.has(key) ||
        (losesContent && key.startsWith('content-')) ||
        (isCrossOrigin && (CREDENTIALS.has(key) || this.#strippedAcrossOrigins.has(key)))
      if (!isDropped) {
        kept.push(name, value)
      }
    }
    return kept
  }
}

module.exports = { RedirectHandler, assertLimit }
