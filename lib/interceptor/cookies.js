'use strict'

// The interceptor that sends the cookies of a jar and puts those into it that responses set. Which cookie is for whom is
// the jar's to know; here is when it is asked, and which URL it is told.
//
//   ASKING ──its cookies──► SENT ──head──► STORING ──done──► HEARD
//     └──── abort, error ─────┴──────────────┴──► the handler hears of it at once
//
// A response is heard when its cookies are in the jar, so that what follows on it is sent with them.

const { proceedWith } = require('./awaited-request')
const { authoritativeOrigin } = require('../cache/key')
const { asSecondGeneration } = require('../core/generations')
const { InvalidArgumentError, RequestAbortedError } = require('../core/errors')
const { lowerCaseName, pairsOf } = require('../core/headers')
const { eachHop } = require('../core/redirect-hops')
const { serializePathWithQuery } = require('../core/url')
const { RelayController } = require('../handler/relay-controller')
const { RelayHandler } = require('../handler/relay-handler')

// A cookie that a jar does not want, because it is of another host for example, is no fault of the request.
const LENIENT = Object.freeze({ ignoreError: true })

const ignore = () => {}

/** The URL that a request is for; null where it is not for one of the origin that it goes to. */
function urlOf (options, ownOrigin) {
  const origin = authoritativeOrigin(options, ownOrigin)
  const { path, query } = options
  // Not resolved: a path that begins with two slashes would name another host.
  if (!origin || typeof path !== 'string' || path[0] !== '/' || !URL.canParse(origin)) {
    return null
  }
  const target = query && !/[?#]/.test(path) ? serializePathWithQuery(path, query) : path
  return `${new URL(origin).origin}${target}`
}

const nameOf = (cookie) => cookie.split('=', 1)[0].trim()
const cookiesIn = (text) => text.split(';').map((cookie) => cookie.trim()).filter((cookie) => cookie !== '')

/** What a user gave as one field may be several values. Null where it is nothing that could be written. */
function textOf (value) {
  const values = Array.isArray(value) ? value : [value]
  return values.every((one) => one != null && typeof one !== 'object') ? values.join('; ') : null
}

/**
 * The fields of a request with a jar's cookies in its one `cookie` field (RFC 6265 section 5.4). A cookie that the user
 * gave stands for that of the same name in the jar.
 */
function withCookies (headers, kept) {
  const fields = []
  const given = []
  for (const [name, value] of pairsOf(headers)) {
    const text = typeof name === 'string' && lowerCaseName(name) === 'cookie' ? textOf(value) : null
    if (text === null) {
      fields.push(name, value)
    } else {
      given.push(...cookiesIn(text))
    }
  }
  const names = new Set(given.map(nameOf))
  const cookie = [...given, ...cookiesIn(kept).filter((one) => !names.has(nameOf(one)))].join('; ')
  return { headers: [...fields, 'cookie', cookie], cookie, given: given.join('; ') }
}

/** Puts cookies into a jar one after the other, because a later one may replace an earlier one. */
function store (jar, cookies, url) {
  for (let index = 0; index < cookies.length; index++) {
    const stored = jar.setCookie(cookies[index], url, LENIENT)
    if (typeof stored?.then === 'function') {
      return stored.then(() => store(jar, cookies.slice(index + 1), url))
    }
  }
  return null
}

class CookiesHandler extends RelayHandler {
  #jar
  #url
  #isElsewhere
  #handler
  #controller
  #history
  // What came while cookies are put into the jar (`events`), and what becomes of it if nobody wants it any more (`drop`).
  // Null where none are.
  #held = null
  // Whether the exchange has ended, so that nothing more comes of it.
  #isOver = false

  /**
   * @param {object} jar
   * @param {string} url what was asked for
   * @param {() => boolean} isElsewhere whether the cookies of this request are another handler's
   * @param {object} handler of the second generation
   */
  constructor (jar, url, isElsewhere, handler) {
    const controller = new RelayController((reason) => this.#abortOver(reason))
    super(handler, controller)
    this.#jar = jar
    this.#url = url
    this.#isElsewhere = isElsewhere
    this.#handler = handler
    this.#controller = controller
  }

  onRequestStart (controller, context) {
    this.#history = context?.history
    if (this.#controller.begin(controller)) {
      this.#handler.onRequestStart?.(this.#controller, context)
    }
  }

  onRequestUpgrade (controller, statusCode, headers, socket) {
    this.#isOver = true
    const tell = () => this.#handler.onRequestUpgrade?.(this.#controller, statusCode, headers, socket)
    this.#store(headers, tell, () => socket.on('error', ignore).destroy())
  }

  onResponseStart (controller, statusCode, headers, statusText) {
    const tell = () => this.#handler.onResponseStart?.(this.#controller, statusCode, headers, statusText)
    if (statusCode < 200) {
      tell()
    } else {
      this.#store(headers, tell, ignore)
    }
  }

  // A dispatcher need not stop at once when it is paused, and one that has its answer ready does not stop at all.

  onResponseData (controller, chunk) {
    this.#next(() => this.#handler.onResponseData?.(this.#controller, chunk))
  }

  onResponseEnd (controller, trailers) {
    this.#isOver = true
    this.#next(() => this.#handler.onResponseEnd?.(this.#controller, trailers))
  }

  onResponseError (controller, error) {
    this.#held = null
    this.#handler.onResponseError?.(this.#controller, error)
  }

  #next (tell) {
    if (this.#held === null) {
      tell()
    } else {
      this.#held.events.push(tell)
    }
  }

  // Where others have followed redirects it is the last URL of their history.
  #answeringUrl () {
    return this.#history?.at(-1)?.href ?? this.#url
  }

  #store (headers, tell, drop) {
    const cookies = headers?.['set-cookie']
    const stored = cookies === undefined || this.#isElsewhere()
      ? null
      : store(this.#jar, [cookies].flat(), this.#answeringUrl())
    if (stored === null) {
      tell()
      return
    }
    const held = this.#held = { events: [tell], drop }
    this.#controller.hold()
    stored.then(() => this.#deliver(held)).catch((error) => {
      if (this.#held === held) {
        this.#controller.abort(error)
      }
    })
  }

  #deliver (held) {
    while (this.#held === held && held.events.length > 0) {
      held.events.shift()()
    }
    if (this.#held === held) {
      this.#held = null
      this.#controller.release()
    }
  }

  // An exchange tells of its abort, unless it had ended before.
  #abortOver (reason) {
    if (this.#held !== null && this.#isOver) {
      const error = reason ?? new RequestAbortedError()
      this.#held.drop()
      this.#held = null
      this.#handler.onResponseError?.(this.#controller, error)
    }
  }
}

/** The hand of the interceptor in a request, which a redirect further down may take: see `eachHop`. */
class HopByHop {
  isTaken = false
  #intercept
  #fields
  #outer

  constructor (intercept, fields, outer) {
    this.#intercept = intercept
    this.#fields = fields
    this.#outer = outer
  }

  take (dispatch, options) {
    this.isTaken = true
    const own = { ...options, headers: this.#withoutKept(options.headers), [eachHop]: this.#outer }
    const each = this.#intercept(dispatch)
    return this.#outer?.take(each, own) ?? { dispatch: each, options: own }
  }

  #withoutKept (headers) {
    if (this.#fields === null) {
      return headers
    }
    const { cookie, given } = this.#fields
    return [...pairsOf(headers)].flatMap(([name, value]) => {
      const isOurs = typeof name === 'string' && lowerCaseName(name) === 'cookie' && value === cookie
      return isOurs ? (given === '' ? [] : [name, given]) : [name, value]
    })
  }
}

/**
 * @param {object} given `jar`: `getCookieString(url)` and `setCookie(cookie, url, { ignoreError })`, which give promises,
 *   as the CookieJar of tough-cookie has them
 * @returns {Function} an interceptor
 * @throws {InvalidArgumentError} where there is no such jar
 */
function cookies ({ jar } = {}) {
  if (typeof jar?.getCookieString !== 'function' || typeof jar.setCookie !== 'function') {
    throw new InvalidArgumentError('jar must have the methods getCookieString and setCookie')
  }
  return function intercept (dispatch, ownOrigin) {
    return (options, handler) => {
      const url = urlOf(options, ownOrigin)
      if (url === null) {
        return dispatch(options, handler)
      }
      const hearing = asSecondGeneration(handler)
      const send = (kept) => {
        const fields = kept ? withCookies(options.headers, kept) : null
        const hop = new HopByHop((dispatch) => intercept(dispatch, ownOrigin), fields, options[eachHop])
        return dispatch(
          { ...options, headers: fields?.headers ?? options.headers, [eachHop]: hop },
          new CookiesHandler(jar, url, () => hop.isTaken, hearing)
        )
      }
      // What a jar throws is told as what it rejects with.
      const asked = new Promise((resolve) => resolve(jar.getCookieString(url)))
      return proceedWith(asked, { options, handler: hearing }, send)
    }
  }
}

module.exports = { cookies }
