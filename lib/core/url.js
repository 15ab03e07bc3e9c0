'use strict'

// Origins and targets: what a user may pass as a URL, the query, the server name. Nothing is connected here.

const { isIP } = require('node:net')
const { stringify } = require('node:querystring')
const { InvalidArgumentError } = require('./errors')

// On the options of a request that was led to another origin (an address, for one): the origin that its user means.
const meantOrigin = Symbol('meant origin')

// On a dispatcher: the origin of all its requests; null where it has several that serve the same. Undefined where
// each request names its own.
const ownOrigin = Symbol('own origin')

// The port of a scheme where a URL names none (RFC 9110 section 4.2).
const DEFAULT_PORTS = { 'http:': 80, 'https:': 443 }

function isValidPort (port) {
  const value = parseInt(port, 10)
  return value === Number(port) && value >= 0 && value <= 65535
}

function isHttpOrHttps (value) {
  return typeof value === 'string' && (value.startsWith('http:') || value.startsWith('https:'))
}

function assertProtocol (url) {
  if (!isHttpOrHttps(url.origin || url.protocol)) {
    throw new InvalidArgumentError('Invalid URL protocol: the URL must start with `http:` or `https:`.')
  }
}

// The members of a URL that is given as a plain object, with what is said when one is no string.
const members = [
  ['path', 'Invalid URL path: the path must be a string or null/undefined.'],
  ['pathname', 'Invalid URL pathname: the pathname must be a string or null/undefined.'],
  ['hostname', 'Invalid URL hostname: the hostname must be a string or null/undefined.'],
  ['origin', 'Invalid URL origin: the origin must be a string or null/undefined.']
]

// Resolving `path` against `origin` would be wrong: an absolute URL in `path` would win over `origin`.
function fromParts (url) {
  if (url.port != null && url.port !== '' && !isValidPort(url.port)) {
    throw new InvalidArgumentError('Invalid URL: port must be a valid integer or a string representation of an integer.')
  }
  for (const [name, message] of members) {
    if (url[name] != null && typeof url[name] !== 'string') {
      throw new InvalidArgumentError(message)
    }
  }
  assertProtocol(url)

  const port = url.port ?? (url.protocol === 'https:' ? 443 : 80)
  const origin = url.origin ?? `${url.protocol || ''}//${url.hostname || ''}:${port}`
  const path = url.path ?? `${url.pathname || ''}${url.search || ''}`
  const separator = path && path[0] !== '/' ? '/' : ''
  return new URL(`${origin.endsWith('/') ? origin.slice(0, -1) : origin}${separator}${path}`)
}

// A URL from a string, a URL or an object with the members of one.
function parseURL (url) {
  if (typeof url === 'string') {
    url = new URL(url)
  } else if (!url || typeof url !== 'object') {
    throw new InvalidArgumentError('Invalid URL: The URL argument must be a non-null object.')
  } else if (!(url instanceof URL)) {
    return fromParts(url)
  }
  assertProtocol(url)
  return url
}

// A URL that names an origin and nothing below it.
function parseOrigin (url) {
  url = parseURL(url)
  if (url.pathname !== '/' || url.search || url.hash) {
    throw new InvalidArgumentError('invalid url')
  }
  return url
}

// Adds `query`, percent-encoded, to a path that has none.
function serializePathWithQuery (path, query) {
  if (path.includes('?') || path.includes('#')) {
    throw new Error('Query params cannot be passed when url already contains "?" or "#".')
  }
  const serialized = stringify(query)
  return serialized ? `${path}?${serialized}` : path
}

// The TLS server name that a `host` field asks for: RFC 6066 section 3 allows no addresses, only names.
function serverNameOf (host) {
  if (!host) {
    return null
  }
  const bracket = host[0] === '[' ? host.indexOf(']') : -1
  const colon = host.indexOf(':')
  const name = bracket > 0
    ? host.slice(1, bracket)
    : colon < 0 ? host : host.slice(0, colon)
  return isIP(name) ? '' : name
}

// The protocol of an origin that was parsed before, 'http:' or 'https:'.
function protocolOf (origin) {
  // Most have one of these, and a constant is cheaper than a piece of a string.
  if (origin.startsWith('https:')) {
    return 'https:'
  }
  return origin.startsWith('http:') ? 'http:' : origin.slice(0, origin.indexOf(':') + 1)
}

module.exports = {
  DEFAULT_PORTS,
  meantOrigin,
  ownOrigin,
  isValidPort,
  isHttpOrHttps,
  parseURL,
  parseOrigin,
  serializePathWithQuery,
  serverNameOf,
  protocolOf
}
