'use strict'

// One request through a cache: what its store has answers it, or its server does, or both have a say. The store was asked
// already; what it gave is this module's to use or to discard.

const { discard } = require('../cache/kept-content')
const { forget } = require('../cache/recording')
const { ageOf, judgeConfirmation, judgeReuse, validationFields } = require('../cache/reuse')
const { bodyLength, isStream } = require('../core/streams')
const { CacheHandler } = require('../handler/cache-handler')
const { CacheRevalidationHandler } = require('../handler/cache-revalidation-handler')
const { play } = require('../handler/stored-response')

const ignore = () => {}

// Nobody hears the answer but the store.
const SILENT = {
  onRequestStart: ignore,
  onRequestUpgrade (controller, statusCode, headers, socket) { socket.destroy() },
  onResponseStart: ignore,
  onResponseData: ignore,
  onResponseEnd: ignore,
  onResponseError: ignore
}

function isRepeatable (body) {
  return body == null || typeof body === 'string' || body instanceof Uint8Array || (isStream(body) && bodyLength(body) === 0)
}

class CachedRequest {
  #dispatch
  #rules
  #key
  #options
  #handler
  #asked

  /**
   * @param {Function} dispatch sends what is not answered by the store
   * @param {object} rules `store`, `type`, `cacheByDefault`
   * @param {object} key
   * @param {object} options of the request, with its fields as an object
   * @param {object} asked the directives of the request
   * @param {object} handler of the second generation
   */
  constructor (dispatch, rules, key, options, asked, handler) {
    this.#dispatch = dispatch
    this.#rules = rules
    this.#key = key
    this.#options = options
    this.#asked = asked
    this.#handler = handler
  }

  /** @param {object|undefined} stored what the store has */
  answer (stored) {
    const { store, type } = this.#rules
    const now = Date.now()
    if (stored && type === 'shared' && Object.hasOwn(stored.headers ?? {}, 'set-cookie')) {
      // Who wrote it knew no better.
      discard(stored.body)
      forget(store, this.#key)
      stored = undefined
    } else if (stored && now > stored.deleteAt) {
      discard(stored.body)
      stored = undefined
    }
    if (!stored) {
      return this.#asked['only-if-cached'] ? this.#refuse() : this.send()
    }
    const verdict = judgeReuse(type, stored, this.#asked, this.#options.headers, now)
    const how = { method: this.#options.method, age: ageOf(stored, now), isStale: verdict.isStale, context: null }
    if (verdict.answers === 'now') {
      discard(this.#options.body)
      play(this.#handler, stored, how)
      return true
    }
    if (!isRepeatable(this.#options.body)) {
      // If the kept response is not good any more, it is too late for another one.
      discard(stored.body)
      return this.send()
    }
    if (verdict.answers === 'meanwhile') {
      play(this.#handler, stored, how)
      queueMicrotask(() => this.#refresh(stored))
      return true
    }
    return this.#validate(stored, how, verdict.onError)
  }

  /** Its server answers, and the store keeps that if it may. */
  send () {
    return this.#dispatch(this.#options, new CacheHandler(this.#rules, this.#key, this.#handler))
  }

  // RFC 9111 section 5.2.1.7
  #refuse () {
    play(this.#handler, { statusCode: 504, statusMessage: 'Gateway Timeout', headers: {}, body: null }, {})
    return true
  }

  // RFC 5861 section 3
  #refresh (stored) {
    try {
      this.#dispatch(this.#validation(stored), new CacheHandler(this.#rules, this.#key, SILENT))
    } catch {
      // The request was answered; the next one tries again.
    }
  }

  #validate (stored, how, onError) {
    const decide = (isGood, context, statusCode, headers) => {
      if (!isGood) {
        discard(stored.body)
        return
      }
      if (statusCode === 304) {
        const { isGood: isConfirmed, stays } = judgeConfirmation(this.#rules.type, this.#key, stored, headers, context?.history)
        if (!stays) {
          forget(this.#rules.store, this.#key)
        }
        if (!isConfirmed) {
          discard(stored.body)
          this.send()
          return
        }
      }
      play(this.#handler, stored, { ...how, context })
    }
    const passing = new CacheHandler(this.#rules, this.#key, this.#handler)
    return this.#dispatch(this.#validation(stored), new CacheRevalidationHandler(decide, passing, onError))
  }

  #validation (stored) {
    return { ...this.#options, headers: validationFields(this.#options.headers, stored) }
  }
}

module.exports = { CachedRequest }
