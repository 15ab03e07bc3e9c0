'use strict'

// Whether a kept response may answer a request, as it is or after its server was asked (RFC 9111 sections 4.2 to 4.3,
// RFC 5861). Nothing is sent here, and the time is an argument. Times are milliseconds.

const { parseCacheControl } = require('./directives')
const { isEtagUsable, isForbidden, directivesOf } = require('./policy')
const { varyingFields } = require('./vary')
const { parseHttpDate } = require('../core/http-date')

// RFC 9111 section 5.4
function hasPragma ({ pragma }) {
  return [pragma ?? []].flat().some((line) =>
    typeof line === 'string' && line.split(',').some((one) => /^[\t ]*no-cache[\t ]*$/i.test(one)))
}

/** The directives of a request, by its fields with names in lower case. */
function requestDirectives (headers) {
  if (headers['cache-control']) {
    return parseCacheControl(headers['cache-control'])
  }
  return hasPragma(headers) ? { 'no-cache': true } : {}
}

/** Whole seconds since its server made it. */
function ageOf (stored, now) {
  return Math.round((now - stored.cachedAt) / 1000)
}

const grace = (stored, seconds) => stored.staleAt + seconds * 1000

// RFC 9111 section 4.2.4
function neverStale (type, { cacheControlDirectives: directives = {} }) {
  return directives['must-revalidate'] === true ||
    (type === 'shared' && (directives['proxy-revalidate'] === true || directives['s-maxage'] !== undefined))
}

function isStale (type, stored, asked, now) {
  // One whose time is over as soon as it comes is not fresh within that millisecond either.
  if (now > stored.staleAt || stored.staleAt <= stored.cachedAt) {
    return neverStale(type, stored) || !asked['max-stale'] || now > grace(stored, asked['max-stale'])
  }
  return Boolean(asked['min-fresh']) && stored.staleAt - now <= asked['min-fresh'] * 1000
}

/**
 * @param {string} type 'shared' or 'private'
 * @param {object} stored what a store gave
 * @param {object} asked the directives of the request
 * @param {object} headers of the request, names in lower case
 * @param {number} now
 * @returns {object} `isStale`; `answers`: `now`, `meanwhile` (while its server is asked) or `validated` (after it was);
 *   `onError`: whether it is also the answer where the server cannot say
 */
function judgeReuse (type, stored, asked, headers, now) {
  const directives = stored.cacheControlDirectives ?? {}
  const isTooOld = asked['max-age'] !== undefined && ageOf(stored, now) >= asked['max-age']
  const stale = isTooOld || isStale(type, stored, asked, now)
  const mustAsk = isTooOld || Boolean(asked['no-cache']) || directives['no-cache'] === true ||
    Boolean(headers['if-modified-since'] || headers['if-none-match'])
  if (!stale && !mustAsk) {
    return { isStale: false, answers: 'now', onError: false }
  }
  const maySay = !neverStale(type, stored)
  const whileRevalidate = directives['stale-while-revalidate']
  if (!mustAsk && maySay && whileRevalidate && now <= grace(stored, whileRevalidate)) {
    return { isStale: true, answers: 'meanwhile', onError: false }
  }
  const ifError = directives['stale-if-error'] ?? asked['stale-if-error']
  return { isStale: stale, answers: 'validated', onError: Boolean(maySay && ifError && now < grace(stored, ifError)) }
}

/** The fields of a request that asks whether a kept response is still good (RFC 9111 section 4.3.1). */
function validationFields (headers, stored) {
  const modified = stored.headers?.['last-modified']
  const isDate = typeof modified === 'string' && parseHttpDate(modified) !== undefined
  const fields = { ...headers, 'if-modified-since': isDate ? modified : new Date(stored.cachedAt).toUTCString() }
  if (stored.etag) {
    fields['if-none-match'] = stored.etag
  }
  for (const [name, value] of Object.entries(stored.vary ?? {})) {
    if (value != null) {
      fields[name] = value
    }
  }
  return fields
}

// Whether the answer came from the URL that was asked, and not from where that led.
function isOfTarget ({ origin, path }, history) {
  if (!Array.isArray(history) || history.length === 0) {
    return true
  }
  try {
    const asked = new URL(path, origin)
    const answered = history.at(-1)
    return answered.origin === asked.origin && answered.pathname === asked.pathname && answered.search === asked.search
  } catch {
    return false
  }
}

const opaqueTag = (etag) => etag.startsWith('W/') ? etag.slice(2) : etag

// RFC 9111 section 4.3.4: a strong tag is for the very same, a weak one for the like.
function isSameTag (stored, headers) {
  if (!Object.hasOwn(headers, 'etag')) {
    return true
  }
  const { etag } = headers
  if (![etag, stored.etag].every((one) => typeof one === 'string' && isEtagUsable(one))) {
    return false
  }
  return etag.startsWith('W/') ? opaqueTag(etag) === opaqueTag(stored.etag) : etag === stored.etag
}

/**
 * What an answer 304 says of a kept response.
 *
 * @param {string} type 'shared' or 'private'
 * @param {object} key of the request
 * @param {object} stored what was asked about
 * @param {object} headers of the 304
 * @param {URL[]|undefined} history the URLs that answered, where redirects were followed
 * @returns {object} `isGood`: whether it may answer the request; `stays`: whether it may answer others too
 */
function judgeConfirmation (type, key, stored, headers, history) {
  const isOther = !isOfTarget(key, history) || !isSameTag(stored, headers) ||
    isForbidden(type, headers, directivesOf(headers))
  if (isOther) {
    return { isGood: false, stays: false }
  }
  if (headers['cache-control'] !== undefined) {
    return { isGood: true, stays: false }
  }
  const vary = headers.vary ? varyingFields(headers.vary, key.headers) : {}
  const isGood = Object.keys(vary ?? {}).every((name) => stored.vary != null && Object.hasOwn(stored.vary, name))
  return { isGood, stays: isGood }
}

module.exports = { ageOf, judgeConfirmation, judgeReuse, requestDirectives, validationFields }
