'use strict'

// Field names and values: what is a valid one (RFC 9110 sections 5.5 and 5.6.2), lower-casing, and the
// forms in which a field section goes round: a raw list [name, value, name, value…] of strings or Buffers
// as it was on the wire, or an object with lower-cased names.

const { hasOwnKindOfIterator } = require('./streams')

// Names that are looked up instead of lower-cased: a lookup of an internalized string is cheaper than a new
// string, and all objects then share the same keys.
const wellKnownNames = [
  'Accept', 'Accept-Charset', 'Accept-Encoding', 'Accept-Language', 'Accept-Ranges',
  'Access-Control-Allow-Credentials', 'Access-Control-Allow-Headers', 'Access-Control-Allow-Methods',
  'Access-Control-Allow-Origin', 'Access-Control-Expose-Headers', 'Access-Control-Max-Age',
  'Access-Control-Request-Headers', 'Access-Control-Request-Method', 'Age', 'Allow', 'Alt-Svc',
  'Authorization', 'Cache-Control', 'CF-Cache-Status', 'CF-RAY', 'Clear-Site-Data', 'Connection',
  'Content-Disposition', 'Content-Encoding', 'Content-Language', 'Content-Length', 'Content-Location',
  'Content-Range', 'Content-Security-Policy', 'Content-Type', 'Cookie', 'Cross-Origin-Embedder-Policy',
  'Cross-Origin-Opener-Policy', 'Cross-Origin-Resource-Policy', 'Date', 'ETag', 'Expect', 'Expires',
  'Forwarded', 'From', 'Host', 'If-Match', 'If-Modified-Since', 'If-None-Match', 'If-Range',
  'If-Unmodified-Since', 'Keep-Alive', 'Last-Modified', 'Link', 'Location', 'Max-Forwards', 'NEL', 'Origin',
  'Permissions-Policy', 'Pragma', 'Proxy-Authenticate', 'Proxy-Authorization', 'Range', 'Referer',
  'Referrer-Policy', 'Refresh', 'Report-To', 'Retry-After', 'Sec-WebSocket-Accept',
  'Sec-WebSocket-Extensions', 'Sec-WebSocket-Key', 'Sec-WebSocket-Protocol', 'Sec-WebSocket-Version',
  'Server', 'Server-Timing', 'Set-Cookie', 'Strict-Transport-Security', 'TE', 'Timing-Allow-Origin',
  'Traceparent', 'Tracestate', 'Trailer', 'Transfer-Encoding', 'Upgrade', 'Upgrade-Insecure-Requests',
  'User-Agent', 'Vary', 'Via', 'WWW-Authenticate', 'X-Content-Type-Options', 'X-Forwarded-For',
  'X-Frame-Options', 'X-Powered-By', 'X-Request-Id', 'X-Requested-With', 'X-XSS-Protection'
]

const lowerCased = { __proto__: null }
for (const name of wellKnownNames) {
  lowerCased[name] = lowerCased[name.toLowerCase()] = name.toLowerCase()
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const invalidValue = /[^\t\x20-\x7e\x80-\xff]/

// RFC 9110 section 5.6.2: a field name, a method, a connection option.
function isToken (characters) {
  return token.test(characters)
}

// RFC 9110 section 5.5: visible octets, spaces and tabs. What a line could end with, or end a string in C, is out.
function isFieldValue (characters) {
  return !invalidValue.test(characters)
}

function lowerCaseName (name) {
  return lowerCased[name] ?? name.toLowerCase()
}

// The same of a name that may be a Buffer.
function headerNameToString (name) {
  return lowerCaseName(latin1(name))
}

// Whether a lower-cased name needs no check because it stands in the table.
function isWellKnown (name) {
  return lowerCased[name] !== undefined
}

const latin1 = (value) => typeof value === 'string' ? value : value.toString('latin1')

// Assignment to `__proto__` would call the setter that every object inherits.
function define (object, name, value) {
  if (name === '__proto__') {
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true })
  } else {
    object[name] = value
  }
}

// Adds a field to an object of lower-cased names: the second value of a name makes an array of them.
function appendHeader (object, name, value) {
  const key = lowerCaseName(name)
  const known = object[key]
  if (known === undefined || !Object.hasOwn(object, key)) {
    define(object, key, value)
  } else if (typeof known === 'string') {
    object[key] = Array.isArray(value) ? [known, ...value] : [known, value]
  } else if (Array.isArray(value)) {
    known.push(...value)
  } else {
    known.push(value)
  }
}

// A raw list (strings or Buffers; a value may be an array of them) as an object.
function parseHeaders (headers, object = {}) {
  for (let i = 0; i < headers.length; i += 2) {
    const value = headers[i + 1]
    appendHeader(object, latin1(headers[i]), Array.isArray(value) ? value.map(latin1) : latin1(value))
  }
  return object
}

// A raw list, or an object of fields, as a raw list of strings.
function parseRawHeaders (headers) {
  if (headers == null) {
    return []
  }
  if (Array.isArray(headers)) {
    return headers.map(latin1)
  }
  const list = []
  for (const name of Object.keys(headers)) {
    const value = headers[name]
    for (const one of Array.isArray(value) ? value : [value]) {
      list.push(name, `${one}`)
    }
  }
  return list
}

// A raw list, or an object of fields, as a raw list of Buffers: what first-generation handlers hear.
function toRawHeaders (headers) {
  return parseRawHeaders(headers).map((one) => Buffer.from(one, 'latin1'))
}

// The fields of a request in whatever form its user gave them, as pairs of name and value. What is no pair is left for
// the request to refuse.
function * pairsOf (headers) {
  if (headers == null) {
    return
  }
  if (Array.isArray(headers) && !Array.isArray(headers[0])) {
    for (let i = 0; i < headers.length; i += 2) {
      yield [headers[i], headers[i + 1]]
    }
  } else if (hasOwnKindOfIterator(headers)) {
    yield * headers
  } else {
    yield * Object.entries(headers)
  }
}

/**
 * Pairs of name and value in the form in which the fields of a request were given, where interceptors may look for
 * them: an object of fields, or a list.
 *
 * @param {Array[]} pairs
 * @param {*} headers that were given
 */
function fieldsLike (headers, pairs) {
  const isList = headers != null && (Array.isArray(headers) || hasOwnKindOfIterator(headers))
  return isList ? pairs.flat() : Object.fromEntries(pairs)
}

/**
 * The options of a request with fields that can be read more than once, for those who may have to send it again: the
 * same, unless the fields were given as an iterator.
 *
 * @param {object} options
 */
function withRepeatableFields (options) {
  const { headers } = options
  if (headers == null || typeof headers !== 'object' || headers[Symbol.iterator]?.() !== headers) {
    return options
  }
  const pairs = [...headers]
  return { ...options, headers: { [Symbol.iterator]: () => pairs[Symbol.iterator]() } }
}

module.exports = {
  wellKnownNames,
  lowerCased,
  isToken,
  isFieldValue,
  isWellKnown,
  lowerCaseName,
  headerNameToString,
  appendHeader,
  define,
  parseHeaders,
  parseRawHeaders,
  toRawHeaders,
  pairsOf,
  fieldsLike,
  withRepeatableFields
}
