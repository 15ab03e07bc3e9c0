'use strict'

// Whether a request is the one that an interceptor is for: its path, method, body and headers one by one. What
// comes of it is not said here.

const { InvalidArgumentError } = require('../core/errors')
const { serializePathWithQuery } = require('../core/url')

/** By equality, by a RegExp, or by a function that says `true`. Nothing else matches. */
function matches (matcher, value) {
  if (typeof matcher === 'string') {
    return matcher === value
  }
  if (matcher instanceof RegExp) {
    return matcher.test(value)
  }
  return typeof matcher === 'function' && matcher(value) === true
}

// --- paths

/** The path with its query in a fixed order, so that the order in which parameters are given does not count. */
function sortedPath (path) {
  if (typeof path !== 'string') {
    return path
  }
  const parts = path.split('?', 3)
  if (parts.length !== 2) {
    return path
  }
  const query = new URLSearchParams(parts[1])
  query.sort()
  return `${parts[0]}?${query}`
}

function withoutTrailingSlash (path) {
  if (typeof path !== 'string') {
    return path
  }
  const at = path.indexOf('?')
  const [pathname, query] = at === -1 ? [path, ''] : [path.slice(0, at), path.slice(at)]
  return (pathname.replace(/\/+$/, '') || '/') + query
}

/** The path that a request asks for, as it is compared and as errors name it. */
function requestedPath ({ path, query }) {
  return sortedPath(query ? serializePathWithQuery(path, query) : path)
}

function matchesPath ({ path, ignoreTrailingSlash }, requested) {
  return ignoreTrailingSlash
    ? matches(withoutTrailingSlash(sortedPath(path)), withoutTrailingSlash(requested))
    : matches(sortedPath(path), requested)
}

/** The path that an interceptor is for: percent-encoded, with its query, and without a fragment, which is never sent. */
function interceptedPath (path, query) {
  if (typeof path !== 'string') {
    return path
  }
  if (query) {
    return serializePathWithQuery(path, query)
  }
  const { pathname, search } = new URL(path, 'data://')
  return pathname + search
}

/** Lists in a query that are written `a[]=1&a[]=2` or `a=1,2` as `a=1&a=2`. A value in quotes is no list. */
function standardQuery (path) {
  const at = path.indexOf('?')
  if (at === -1) {
    return path
  }
  const query = new URLSearchParams()
  for (const [name, value] of new URLSearchParams(path.slice(at + 1).split('?', 1)[0])) {
    const isQuoted = /^(['"]).*\1$/.test(value)
    for (const one of isQuoted ? [value] : value.split(',')) {
      query.append(name.replace('[]', ''), one)
    }
  }
  return `${path.slice(0, at)}?${query}`
}

// --- origins

function normalizedOrigin (origin) {
  if (origin instanceof URL) {
    return origin.origin
  }
  return typeof origin === 'string' ? origin.toLowerCase() : origin
}

// --- headers

/** The fields of a flat list [name, value, …] as an object; an object stays what it is. */
function headersObject (headers) {
  if (!Array.isArray(headers)) {
    return headers
  }
  const entries = []
  for (let i = 0; i < headers.length; i += 2) {
    entries.push([headers[i], headers[i + 1]])
  }
  return Object.fromEntries(entries)
}

function lowerCased (headers) {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

function valueOf (headers, name) {
  const key = name.toLowerCase()
  if (Array.isArray(headers)) {
    for (let i = 0; i < headers.length; i += 2) {
      if (headers[i].toLowerCase() === key) {
        return headers[i + 1]
      }
    }
    return undefined
  }
  return typeof headers.get === 'function' ? headers.get(name) : lowerCased(headers)[key]
}

function matchesHeaders (wanted, headers) {
  if (typeof wanted === 'function') {
    return wanted(headers ? lowerCased(headersObject(headers)) : {})
  }
  if (wanted === undefined) {
    return true
  }
  if (typeof headers !== 'object' || typeof wanted !== 'object') {
    return false
  }
  return Object.entries(wanted).every(([name, matcher]) => matches(matcher, valueOf(headers, name)))
}

function matchesBody (wanted, body) {
  return wanted === undefined || matches(wanted, body)
}

// --- options

/**
 * Checks that what was given under `name` is a boolean, where anything was.
 *
 * @throws {InvalidArgumentError}
 */
function assertBoolean (options, name) {
  if (name in options && typeof options[name] !== 'boolean') {
    throw new InvalidArgumentError(`options.${name} must to be a boolean`)
  }
}

module.exports = {
  matches,
  requestedPath,
  matchesPath,
  interceptedPath,
  standardQuery,
  normalizedOrigin,
  headersObject,
  matchesHeaders,
  matchesBody,
  assertBoolean
}
