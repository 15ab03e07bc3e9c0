'use strict'

// The path of undici's lib/core/util, with what of it has a meaning outside of undici. Most of it lives in the modules
// that its nouns name; the rest is small and here, because nothing else needs it.

const stream = require('node:stream')
const { exported, hasOwnKindOfIterator, markUsed, plainOctets, toRawHeaders, ...same } = require('../../core/util')
const { isFieldValue, isToken } = require('../../core/headers')
const { isHttpOrHttps, isValidPort, parseOrigin, parseURL, protocolOf, serializePathWithQuery, serverNameOf } = require('../../core/url')

const [nodeMajor, nodeMinor] = process.versions.node.split('.').map(Number)

// The methods that fetch writes in capitals, and QUERY.
const inCapitals = { __proto__: null }
for (const method of ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'QUERY']) {
  inCapitals[method] = inCapitals[method.toLowerCase()] = method
}

const keepAliveTimeout = /^[\t ]*timeout=(\d+)/i
const contentRange = /^bytes (\d+)-(\d+)\/(\d+|\*)?$/

/** The time of a Keep-Alive field in milliseconds; null where it has none. */
function parseKeepAliveTimeout (value) {
  for (const parameter of value.split(',')) {
    const found = keepAliveTimeout.exec(parameter)
    if (found !== null) {
      return Number(found[1]) * 1000
    }
  }
  return null
}

/** What a Content-Range says (RFC 9110 section 14.4); null where it is none. */
function parseRangeHeader (value) {
  if (value == null || value === '') {
    return { start: 0, end: null, size: null }
  }
  const found = contentRange.exec(value)
  if (found === null) {
    return null
  }
  const [, start, end, size] = found
  return { start: Number(start), end: Number(end), size: size === undefined || size === '*' ? null : Number(size) }
}

function encodeRawHeaders (headers) {
  if (!Array.isArray(headers)) {
    throw new TypeError('expected headers to be an array')
  }
  return headers.map((one) => Buffer.from(one))
}

/** What an error of a connection tells of its socket. */
function getSocketInfo ({ localAddress, localPort, remoteAddress, remotePort, remoteFamily, timeout, bytesWritten, bytesRead }) {
  return { localAddress, localPort, remoteAddress, remotePort, remoteFamily, timeout, bytesWritten, bytesRead }
}

module.exports = {
  ...same,
  buildURL: serializePathWithQuery,
  bufferToLowerCasedHeaderName: same.headerNameToString,
  deepClone: (value) => JSON.parse(JSON.stringify(value)),
  encodeRawHeaders,
  getProtocolFromUrlString: protocolOf,
  getServerName: serverNameOf,
  getSocketInfo,
  hasSafeIterator: hasOwnKindOfIterator,
  isBuffer: (value) => value instanceof Uint8Array,
  isErrored: (body) => Boolean(body && stream.isErrored(body)),
  isHttpOrHttpsPrefixed: isHttpOrHttps,
  isReadable: (body) => Boolean(body && stream.isReadable(body)),
  isTokenCharCode: (code) => isToken(String.fromCharCode(code)),
  isUSVString: (value) => `${value}`.isWellFormed(),
  isValidHTTPToken: isToken,
  isValidHeaderValue: isFieldValue,
  isValidPort,
  kEnumerableProperty: { __proto__: null, enumerable: true },
  nodeMajor,
  nodeMinor,
  nop () {},
  normalizedMethodRecords: { __proto__: null, ...inCapitals, patch: 'patch', PATCH: 'PATCH' },
  normalizedMethodRecordsBase: inCapitals,
  parseKeepAliveTimeout,
  parseOrigin,
  parseRangeHeader,
  parseURL,
  pathHasQueryOrFragment: (path) => path.includes('?') || path.includes('#'),
  safeHTTPMethods: Object.freeze(['GET', 'HEAD', 'OPTIONS', 'TRACE']),
  serializePathWithQuery,
  toRawHeaders,
  toUSVString: (value) => `${value}`.toWellFormed()
}
