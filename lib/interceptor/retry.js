'use strict'

// The interceptor that sends failed requests again. What it does is in lib/handler/retry-handler.js.

const { RetryHandler } = require('../handler/retry-handler')

/**
 * @param {object} [given] see docs/api/RetryHandler.md; a request may have its own, as `retryOptions`
 * @returns {Function} an interceptor
 */
function retry (given) {
  return (dispatch) => (options, handler) => {
    return RetryHandler.start(dispatch, { ...given, ...options.retryOptions }, options, handler)
  }
}

module.exports = { retry }
