'use strict'

// Whether and when a request is sent again, unless the user has a policy of his own: by its method, by what it failed
// of, by how often it was tried, and by what the server asks for.

/** When a server asks to come again (RFC 9110 section 10.2.3), in milliseconds from now; null where it does not say. */
function askedFor (field) {
  if (!field) {
    return null
  }
  const seconds = Number(field)
  if (!Number.isNaN(seconds)) {
    return seconds * 1e3
  }
  const date = new Date(field).getTime()
  return Number.isNaN(date) ? null : date - Date.now()
}

/**
 * @param {Error} error what the attempt failed of; a RequestRetryError for a response
 * @param {object} context `state.counter`: how many attempts were made; `opts`: the request's, with `retryOptions`
 * @param {Function} answer with an error to give up with, or nothing to go on
 * @returns {NodeJS.Timeout|undefined} what is waited for
 */
function retry (error, { state, opts }, answer) {
  const { code, statusCode, headers } = error
  const { maxRetries, minTimeout, maxTimeout, timeoutFactor, statusCodes, errorCodes, methods, retryAfter } = opts.retryOptions
  const isHopeless =
    (code && code !== 'UND_ERR_REQ_RETRY' && !errorCodes.includes(code)) ||
    (Array.isArray(methods) && !methods.includes(opts.method)) ||
    (statusCode != null && Array.isArray(statusCodes) && !statusCodes.includes(statusCode)) ||
    state.counter > maxRetries
  if (isHopeless) {
    answer(error)
    return
  }
  const asked = retryAfter === false ? null : askedFor(headers?.['retry-after'])
  const wait = asked !== null && asked >= 0 ? asked : minTimeout * timeoutFactor ** (state.counter - 1)
  return setTimeout(answer, Math.min(wait, maxTimeout), null)
}

module.exports = { retry }
