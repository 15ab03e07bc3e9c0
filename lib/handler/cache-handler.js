'use strict'

// The handler that keeps a response while it hands it on. Whether it may be kept is in lib/cache/policy.js; here is who
// hears what, and that neither side is sent more than it can take.
//
//   passing    nothing is kept, or nothing any more
//   recording  content goes to the store and to the handler; the exchange is held while the store is full
//   copying    a 304 came: the content is kept anew from the store, with the exchange held until that is done

const { Recording, forget } = require('../cache/recording')
const { SAFE_METHODS, judge } = require('../cache/policy')
const { discard, octetsOf, piecesOf, streamOf } = require('../cache/kept-content')
const { hopsOf } = require('../core/redirect-hops')
const { RelayController } = require('./relay-controller')
const { RelayHandler } = require('./relay-handler')

// What speaks for a user is not part of a key.
const CREDENTIALS = ['authorization', 'cookie', 'proxy-authorization']

function originOf (url) {
  return URL.canParse(url) ? new URL(url).origin : String(url)
}

/** The target that a field names, where it is of the same origin. */
function targetIn (key, location) {
  const asked = URL.canParse(key.path, key.origin) ? new URL(key.path, key.origin) : null
  if (asked === null || !URL.canParse(location, asked)) {
    return undefined
  }
  const { origin, pathname, search } = new URL(location, asked)
  return origin === asked.origin ? pathname + search : undefined
}

/** RFC 9111 section 4.4: what a method that changes something may have changed. */
function invalidate (store, key, { location, 'content-location': contentLocation }) {
  const others = [location, contentLocation].flat().filter((one) => typeof one === 'string').map((one) => targetIn(key, one))
  for (const path of [key.path, ...others.filter((one) => one !== undefined)]) {
    for (const method of [key.method, ...SAFE_METHODS]) {
      forget(store, { ...key, method, path })
    }
  }
}

class CacheHandler extends RelayHandler {
  #store
  #rules
  #key
  #handler
  #controller
  #hasStarted = false
  #history
  // Null where nothing is kept.
  #recording = null
  // Has, as `onFinish`, the end of a response that came in the meantime. Null where there is no copy.
  #copy = null

  /**
   * @param {object} options `store`, `type`, `cacheByDefault`
   * @param {object} key what the response is kept by
   * @param {object} handler of the second generation
   */
  constructor ({ store, type, cacheByDefault }, key, handler) {
    const controller = new RelayController()
    super(handler, controller)
    this.#controller = controller
    this.#store = store
    this.#rules = { type, cacheByDefault }
    this.#key = key
    this.#handler = handler
  }

  onRequestStart (controller, context) {
    this.#recording?.destroy()
    this.#recording = null
    this.#copy = null
    this.#hasStarted = true
    this.#history = context?.history
    if (this.#controller.begin(controller)) {
      this.#handler.onRequestStart?.(this.#controller, context)
    }
  }

  onResponseStart (controller, statusCode, headers, statusMessage) {
    if (!this.#hasStarted) {
      // Who plays it by hand may leave the start out.
      this.#controller.begin(controller)
    }
    const tell = () => this.#handler.onResponseStart?.(this.#controller, statusCode, headers, statusMessage)
    if (!SAFE_METHODS.includes(this.#key.method)) {
      if (statusCode >= 200 && statusCode < 400) {
        invalidate(this.#store, this.#key, headers)
      }
      tell()
      return
    }
    if (statusCode < 200 || this.#isForeign()) {
      tell()
      return
    }
    const hops = this.#history ? hopsOf(this.#history) : []
    const { value, forgets } = judge(this.#rules, this.#key, { statusCode, statusMessage, headers }, hops, Date.now())
    if (forgets) {
      forget(this.#store, this.#key)
    }
    if (value === null) {
      tell()
    } else if (statusCode === 304) {
      this.#renew(controller, value, tell)
    } else {
      this.#record(value)
      tell()
    }
  }

  onResponseData (controller, chunk) {
    // What the handler does to its octets is not done to those that are kept.
    if (this.#recording !== null && !this.#recording.write(octetsOf(chunk))) {
      this.#controller.hold()
    }
    this.#handler.onResponseData?.(this.#controller, chunk)
  }

  onResponseEnd (controller, trailers) {
    if (this.#copy !== null) {
      this.#copy.onFinish = () => this.onResponseEnd(controller, trailers)
      return
    }
    this.#recording?.end()
    this.#handler.onResponseEnd?.(this.#controller, trailers)
  }

  onResponseError (controller, error) {
    this.#copy = null
    this.#recording?.destroy(error)
    this.#recording = null
    this.#handler.onResponseError?.(this.#controller, error)
  }

  // Whether the response is not to be had for others by this key: what credentials have led to is their owner's, and what
  // came by way of another origin is not for this one to vouch for.
  #isForeign () {
    const history = this.#history ?? []
    const { headers, origin } = this.#key
    const isCredited = headers != null && CREDENTIALS.some((name) => Object.hasOwn(headers, name))
    return (history.length > 1 && isCredited) || history.some((url) => originOf(url) !== originOf(origin))
  }

  #record (value) {
    const recording = Recording.begin(this.#store, this.#key, value, {
      drain: () => this.#controller.release(),
      gone: () => {
        if (this.#recording === recording) {
          this.#recording = null
          this.#controller.release()
        }
      }
    })
    this.#recording = recording
  }

  // --- copying

  // RFC 9111 section 4.3.4: what is kept stays, by what the 304 says of it.
  #renew (controller, value, tell) {
    const found = this.#store.get(this.#key)
    const copy = { onFinish: null, hasFailed: false }
    const fail = (error) => {
      if (this.#isUnderWay(copy)) {
        copy.hasFailed = true
        controller.abort(error)
      }
    }
    this.#copy = copy
    this.#controller.hold()
    if (typeof found?.then === 'function') {
      found.then((stored) => this.#keepAnew(copy, value, stored, tell, fail), () => this.#keepAnew(copy, value, undefined, tell, fail)).catch(fail)
    } else {
      this.#keepAnew(copy, value, found, tell, fail)
    }
  }

  #keepAnew (copy, value, stored, tell, fail) {
    if (!this.#isUnderWay(copy)) {
      discard(stored?.body)
      return
    }
    if (!stored) {
      // A 304 has no content that could be kept.
      tell()
      this.#finish(copy)
      return
    }
    const { 'content-length': length, ...fields } = value.headers
    value.statusCode = stored.statusCode
    value.statusMessage = stored.statusMessage
    value.etag = stored.etag
    value.vary ??= stored.vary
    value.headers = { ...stored.headers, ...fields }
    tell()
    let proceed = () => {}
    const on = () => proceed()
    this.#recording = Recording.begin(this.#store, this.#key, value, { drain: on, gone: on })
    if (this.#recording === null || !stored.body) {
      discard(stored.body)
      this.#finish(copy)
      return
    }
    const pieces = piecesOf(stored.body)
    proceed = pieces === null
      ? this.#copyStream(copy, streamOf(stored.body), fail)
      : this.#copyPieces(copy, pieces[Symbol.iterator](), fail)
    proceed()
  }

  // Returns what goes on when there is room.
  #copyPieces (copy, pieces, fail) {
    return () => {
      try {
        while (this.#isUnderWay(copy)) {
          const { done, value } = pieces.next()
          if (done) {
            this.#finish(copy)
          } else if (!this.#copyPiece(value)) {
            return
          }
        }
      } catch (error) {
        fail(error)
      }
    }
  }

  #copyStream (copy, stream, fail) {
    stream.on('data', (chunk) => {
      try {
        if (!this.#isUnderWay(copy)) {
          stream.destroy()
        } else if (!this.#copyPiece(chunk)) {
          stream.pause()
        }
      } catch (error) {
        stream.destroy()
        fail(error)
      }
    })
    stream.on('end', () => this.#finish(copy)).on('error', fail)
    return () => stream.resume()
  }

  #copyPiece (chunk) {
    const hasRoom = this.#recording.write(octetsOf(chunk))
    this.#handler.onResponseData?.(this.#controller, octetsOf(chunk))
    return hasRoom
  }

  #isUnderWay (copy) {
    return this.#copy === copy && !copy.hasFailed
  }

  #finish (copy) {
    if (this.#isUnderWay(copy)) {
      this.#copy = null
      this.#controller.release()
      copy.onFinish?.()
    }
  }
}

module.exports = { CacheHandler }
