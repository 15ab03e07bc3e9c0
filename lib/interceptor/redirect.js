'use strict'

// The interceptor that follows redirects. What it does is in lib/handler/redirect-handler.js; here is whose options win.

const { RedirectHandler } = require('../handler/redirect-handler')

const OPTIONS = ['throwOnMaxRedirect', 'stripHeadersOnRedirect', 'stripHeadersOnCrossOriginRedirect']

/**
 * @param {object} [given] `maxRedirections` (default: none are followed), `throwOnMaxRedirect`,
 *   `stripHeadersOnRedirect`, `stripHeadersOnCrossOriginRedirect`; a request may have its own
 * @returns {Function} an interceptor
 */
function redirect (given = {}) {
  return (dispatch) => (options, handler) => {
    const { maxRedirections = given.maxRedirections } = options
    if (maxRedirections == null || maxRedirections === 0) {
      return dispatch(options, handler)
    }
    const own = { ...options }
    for (const name of OPTIONS) {
      own[name] = options[name] === undefined ? given[name] : options[name]
    }
    return RedirectHandler.start(dispatch, maxRedirections, own, handler)
  }
}

/** The same under its name of undici 5 and 6, which took an object always. */
function createRedirectInterceptor (given) {
  return redirect(given)
}

module.exports = { redirect, createRedirectInterceptor }
