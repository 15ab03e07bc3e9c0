'use strict'

// Whether a response may be kept, for how long it is fresh, and what of it is kept (RFC 9111 sections 3 and 4.2). Nothing
// is kept here, and the time is an argument. Times are milliseconds.

const { isBroken, parseCacheControl } = require('./directives')
const { hasAsterisk, isUnmatchable, varyingFields } = require('./vary')
const { parseHttpDate } = require('../core/http-date')

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS', 'TRACE']

// RFC 9110 section 15.1: those that may be kept although nothing says for how long.
const HEURISTIC = new Set([200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501])
// Parts of a content would have to be put together (RFC 9111 section 3.3).
const PARTIAL = 206

const DAY = 24 * 60 * 60 * 1000
const YEAR = 365 * DAY
const MAX_AGE = (2 ** 31 - 1) * 1000

// RFC 9111 section 3.1: fields of the connection. The age is told anew each time.
const UNKEPT = [
  'connection', 'proxy-authenticate', 'proxy-authentication-info', 'proxy-authorization', 'proxy-connection', 'te',
  'transfer-encoding', 'upgrade', 'age'
]

/** Whether a string can be sent as an entity tag that tells something. An empty one tells nothing. */
function isEtagUsable (etag) {
  return /^(?:W\/"[^]+"|"(?!"|W\/)[^]+")$/.test(etag)
}

const hasEtag = ({ etag }) => typeof etag === 'string' && isEtagUsable(etag)
const hasValidator = (headers) => hasEtag(headers) || typeof headers['last-modified'] === 'string'

const directivesOf = (headers) => headers['cache-control'] ? parseCacheControl(headers['cache-control']) : {}

// The one value of a field that must not be there twice, or null.
function soleValue (value) {
  const sole = Array.isArray(value) && value.length === 1 ? value[0] : value
  return typeof sole === 'string' ? sole : null
}

/** Whether it, or what was kept before it, is for nobody else. */
function isForbidden (type, headers, directives) {
  return directives['no-store'] === true ||
    (type === 'shared' && (directives.private === true || Object.hasOwn(headers, 'set-cookie'))) ||
    (Boolean(headers.vary) && isUnmatchable(headers.vary))
}

// RFC 9111 section 3.5
function isAuthorizedForAll (request, directives) {
  if (request == null || !Object.hasOwn(request, 'authorization')) {
    return true
  }
  const names = (directive) => Array.isArray(directive) && directive.includes('authorization')
  return Boolean(directives.public || directives['s-maxage'] || directives['must-revalidate']) &&
    typeof request.authorization === 'string' && !names(directives['no-cache']) && !names(directives.private)
}

// RFC 9111 section 3
function isKeepable (rules, key, { statusCode, headers }, directives) {
  const isExplicit = Boolean(headers.expires) || Boolean(directives.public) || directives['max-age'] !== undefined ||
    (rules.type === 'private' && Boolean(directives.private)) ||
    (rules.type === 'shared' && directives['s-maxage'] !== undefined)
  return SAFE_METHODS.includes(key.method) && statusCode >= 200 && statusCode !== PARTIAL &&
    (HEURISTIC.has(statusCode) || isExplicit) && isAuthorizedForAll(key.headers, directives)
}

// Whether there is anything that says for how long.
function hasLifetime ({ cacheByDefault }, { statusCode, headers }) {
  return Boolean(headers['cache-control'] || headers.expires || cacheByDefault ||
    (headers['last-modified'] && HEURISTIC.has(statusCode)))
}

// RFC 9111 section 4.2.3: the age that the response had when it came, undefined where that cannot be known.
function ageOf (headers, now) {
  let age = 0
  if (Object.hasOwn(headers, 'age')) {
    const value = soleValue(headers.age)
    age = value !== null && /^[\t ]*[0-9]+[\t ]*$/.test(value) ? Number(value) * 1000 : MAX_AGE
  }
  if (age >= MAX_AGE) {
    return undefined
  }
  if (!Object.hasOwn(headers, 'date')) {
    return { age, date: undefined, told: age }
  }
  const value = soleValue(headers.date)
  if (value === null) {
    return undefined
  }
  const date = parseHttpDate(value)?.getTime()
  return { age: Math.max(age, date === undefined ? 0 : now - date), date, told: age }
}

function lifetimeByExpires (expires, { date, told }, now) {
  const end = typeof expires === 'string' ? parseHttpDate(expires)?.getTime() : undefined
  if (end === undefined || end <= now || end <= (date ?? now)) {
    return 0
  }
  const lifetime = end - (date ?? now)
  return date !== undefined && told >= lifetime ? 0 : lifetime
}

// RFC 9111 section 4.2.1 and 4.2.2: how long it is fresh. The first that is not undefined decides; null: nothing says that.
const LIFETIMES = [
  (type, { directives }) => type === 'shared' ? secondsIn(directives, 's-maxage') : undefined,
  (type, { directives }) => secondsIn(directives, 'max-age'),
  (type, { headers, aged, now }) => Object.hasOwn(headers, 'expires') ? lifetimeByExpires(headers.expires, aged, now) : undefined,
  (type, { headers, now }) => {
    const modified = typeof headers['last-modified'] === 'string' ? parseHttpDate(headers['last-modified'])?.getTime() : undefined
    if (modified === undefined) {
      return undefined
    }
    // What is to change says nothing, and leaves no word to what comes behind it.
    return modified < now ? (now - modified) * 0.1 : null
  },
  // RFC 8246
  (type, { directives }) => directives.immutable ? YEAR : undefined,
  (type, { headers, directives }) => directives['no-cache'] === true && hasValidator(headers) ? 0 : undefined
]

function secondsIn (directives, name) {
  return isBroken(directives, name) ? 0 : directives[name] === undefined ? undefined : directives[name] * 1000
}

function lifetimeOf (rules, facts) {
  for (const lifetime of LIFETIMES) {
    const found = lifetime(rules.type, facts)
    if (found !== undefined) {
      return found ?? rules.cacheByDefault
    }
  }
  return rules.cacheByDefault
}

// How long a stale response may be of use: as long as it says, or to be asked about.
function endOf (directives, staleAt, cachedAt, now) {
  const graces = ['stale-while-revalidate', 'stale-if-error'].filter((name) => directives[name])
  if (graces.length > 0) {
    return staleAt + Math.max(...graces.map((name) => directives[name])) * 1000
  }
  if (directives.immutable) {
    return Math.max(staleAt, now + YEAR)
  }
  const lifetime = staleAt - cachedAt
  // A date has whole seconds: what came within one may seem as old.
  return lifetime <= 0 ? now + DAY : staleAt + lifetime + Math.min(Math.max(now - cachedAt, 0), 1000)
}

function keptFields (headers, directives) {
  const dropped = new Set(UNKEPT)
  for (const line of [headers.connection ?? []].flat()) {
    line.split(',').forEach((name) => dropped.add(name.trim().toLowerCase()))
  }
  for (const names of [directives['no-cache'], directives.private]) {
    if (Array.isArray(names)) {
      names.forEach((name) => dropped.add(name))
    }
  }
  const kept = { ...headers }
  dropped.forEach((name) => delete kept[name])
  return kept
}

/**
 * When a redirect that was followed stops being fresh; undefined where it must be asked again each time, and what it led to
 * must not be kept in its place.
 */
function hopPolicy (rules, key, hop) {
  const { headers, receivedAt } = hop
  const directives = directivesOf(headers)
  const isAskedAgain = Object.hasOwn(directives, 'no-cache') || directives['must-revalidate'] === true ||
    (rules.type === 'shared' && (Object.hasOwn(directives, 'private') || directives['proxy-revalidate'] === true))
  const isLost = directives['no-store'] === true || (Boolean(headers.vary) && hasAsterisk(headers.vary)) ||
    (rules.type === 'shared' && Object.hasOwn(headers, 'set-cookie'))
  if (isAskedAgain || isLost || !hasLifetime(rules, hop) || !isKeepable(rules, key, hop, directives)) {
    return undefined
  }
  const aged = ageOf(headers, receivedAt)
  const lifetime = aged && lifetimeOf(rules, { headers, directives, aged, now: receivedAt })
  return lifetime === undefined
    ? undefined
    : {
        staleAt: receivedAt - aged.age + lifetime,
        requiresRevalidation: rules.type === 'shared' && Object.hasOwn(directives, 's-maxage')
      }
}

// All redirects on the way: the earliest end of their freshness. Undefined where one of them cannot be passed over.
function wayPolicy (rules, key, hops, now) {
  const way = { staleAt: Infinity, requiresRevalidation: false }
  for (const hop of hops) {
    const policy = hopPolicy(rules, key, hop)
    if (policy === undefined || policy.staleAt <= now) {
      return undefined
    }
    way.staleAt = Math.min(way.staleAt, policy.staleAt)
    way.requiresRevalidation ||= policy.requiresRevalidation
  }
  return way
}

// What stands behind a redirect may not be served stale for longer than the redirect would be.
function directivesBehind (way, directives) {
  const { 'stale-while-revalidate': whileRevalidate, 'stale-if-error': ifError, ...kept } = directives
  return way.requiresRevalidation ? { ...kept, 'proxy-revalidate': true } : kept
}

const NOTHING = Object.freeze({ value: null, forgets: false })
const FORGET = Object.freeze({ value: null, forgets: true })

/**
 * What becomes of a final response to a request with a safe method.
 *
 * @param {object} rules `type` ('shared' or 'private'), `cacheByDefault` (how long it is fresh if nothing says that)
 * @param {object} key of the request, see key.js
 * @param {object} response `statusCode`, `statusMessage`, `headers`; of a 304 the status is not that of what is kept
 * @param {object[]} hops the redirects on the way to it: `statusCode`, `headers`, `receivedAt`
 * @param {number} now
 * @returns {object} `value`: what is kept without its content, or null; `forgets`: whether what was kept must go
 */
function judge (rules, key, response, hops, now) {
  const { statusCode, statusMessage, headers } = response
  const directives = directivesOf(headers)
  const way = hops.length > 0 ? wayPolicy(rules, key, hops, now) : null
  if (way === undefined) {
    return NOTHING
  }
  if (isForbidden(rules.type, headers, directives)) {
    return FORGET
  }
  if (!hasLifetime(rules, response)) {
    return NOTHING
  }
  // What was asked about and has not changed is as good as this answer allows.
  const refusal = statusCode === 304 ? FORGET : NOTHING
  if (!isKeepable(rules, key, response, directives)) {
    return headers['cache-control'] ? refusal : NOTHING
  }
  const aged = ageOf(headers, now)
  if (aged === undefined) {
    return refusal
  }
  const lifetime = lifetimeOf(rules, { headers, directives, aged, now })
  if (lifetime === undefined) {
    return headers['cache-control'] ? refusal : NOTHING
  }
  const cachedAt = now - aged.age
  const staleAt = Math.min(cachedAt + lifetime, way?.staleAt ?? Infinity)
  // One that is never fresh can be asked about, if it says by what.
  if (now >= staleAt && !(lifetime === 0 && hasValidator(headers))) {
    return refusal
  }
  const lines = [...hops.map((hop) => hop.headers.vary), headers.vary].flat().filter((line) => line != null)
  const vary = lines.length > 0 && key.headers ? varyingFields(lines, key.headers) : undefined
  if (lines.length > 0 && key.headers && vary === undefined) {
    return NOTHING
  }
  const effective = way === null ? directives : directivesBehind(way, directives)
  const value = {
    statusCode,
    statusMessage,
    headers: keptFields(headers, directives),
    vary,
    cacheControlDirectives: effective,
    cachedAt,
    staleAt,
    deleteAt: endOf(effective, staleAt, cachedAt, now)
  }
  if (hasEtag(headers)) {
    value.etag = headers.etag
  }
  return { value, forgets: false }
}

module.exports = { SAFE_METHODS, directivesOf, isEtagUsable, isForbidden, judge }
