'use strict'

// The interceptor that answers requests with kept responses (RFC 9111). Which requests are for the cache is said here;
// what becomes of one is in cached-request.js.

const { proceedWith } = require('./awaited-request')
const { CachedRequest } = require('./cached-request')
const { discard } = require('../cache/kept-content')
const { authoritativeOrigin, fieldsOf, keyOf } = require('../cache/key')
const { rulesFrom } = require('../cache/options')
const { SAFE_METHODS } = require('../cache/policy')
const { requestDirectives } = require('../cache/reuse')
const { asSecondGeneration } = require('../core/generations')
const { CacheHandler } = require('../handler/cache-handler')

function isAmong (origins, origin) {
  const own = String(origin).toLowerCase()
  return origins.some((one) => {
    if (typeof one === 'string') {
      return one.toLowerCase() === own
    }
    // One that keeps a place in a text begins at its start with each text.
    one.lastIndex = 0
    return one.test(own)
  })
}

/**
 * @param {object} [given] `store` (default: a MemoryCacheStore of its own), `methods` (safe ones, default GET), `type`
 *   ('shared', the default, or 'private'), `cacheByDefault` (milliseconds for which a response is fresh that does not say
 *   that), `origins` (texts and regular expressions, default: any): see docs/api/Interceptors.md
 * @returns {Function} an interceptor
 * @throws {TypeError} where an option is not of its kind
 */
function cache (given = {}) {
  const rules = rulesFrom(given)
  const unkept = SAFE_METHODS.filter((method) => !rules.methods.includes(method))

  return (dispatch, ownOrigin) => (options, handler) => {
    const origin = authoritativeOrigin(options, ownOrigin)
    if (!origin || options.upgrade || unkept.includes(options.method) ||
        (rules.origins !== undefined && !isAmong(rules.origins, origin))) {
      return dispatch(options, handler)
    }
    const own = { ...options, headers: fieldsOf(options) }
    const asked = requestDirectives(own.headers)
    if (asked['no-store']) {
      return dispatch(own, handler)
    }
    const key = keyOf(own, origin)
    const hearing = asSecondGeneration(handler)
    if (!SAFE_METHODS.includes(own.method)) {
      return dispatch(own, new CacheHandler(rules, key, hearing))
    }
    const request = new CachedRequest(dispatch, rules, key, own, asked, hearing)
    const found = rules.store.get(key)
    return typeof found?.then === 'function'
      ? proceedWith(found, { options, handler: hearing }, (stored) => request.answer(stored), (stored) => discard(stored?.body))
      : request.answer(found)
  }
}

module.exports = { cache }
