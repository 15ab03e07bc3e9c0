'use strict'

// What a request is known by in a store: its origin, method, target and fields.

const { appendHeader, define, pairsOf } = require('../core/headers')
const { hasOwnKindOfIterator } = require('../core/streams')
const { meantOrigin, serializePathWithQuery } = require('../core/url')

const isText = (value) => typeof value === 'string'
const textOf = (value) => isText(value) ? value : value.toString('latin1')

// In a list names and values are texts; in a flat one, which may be raw, a value may be an array of octets too.
function * listedPairs (headers) {
  const isFlat = Array.isArray(headers) && !Array.isArray(headers[0])
  for (const pair of pairsOf(headers)) {
    const [name, value] = Array.isArray(pair) ? pair : []
    const isSeveral = isFlat && Array.isArray(value)
    if (!isText(name) || !(isText(value) || isSeveral)) {
      throw new Error('opts.headers is not a valid header map')
    }
    yield [name, isSeveral ? value.map(textOf) : value]
  }
}

/**
 * The fields of a request as an object with names in lower case, in whatever form its user gave them.
 *
 * @param {object} options of the request
 * @throws {Error} where they have no such form
 */
function fieldsOf ({ headers }) {
  if (headers == null) {
    return {}
  }
  if (typeof headers !== 'object') {
    throw new Error('opts.headers is not an object')
  }
  const fields = {}
  for (const [name, value] of hasOwnKindOfIterator(headers) ? listedPairs(headers) : pairsOf(headers)) {
    appendHeader(fields, name, Array.isArray(value) ? [...value] : value)
  }
  return fields
}

/** The origin that the user of a request means, or null where none is said. */
function originOf (options) {
  const origin = options[meantOrigin] ?? options.origin
  return isText(origin) || origin instanceof URL ? origin : null
}

/**
 * The origin by which answers may be told apart: null where there is none, or where a request names another one than that
 * of the dispatcher.
 *
 * @param {object} options of the request
 * @param {string|null|undefined} own the origin of all requests of a dispatcher; null: it has several that serve the same;
 *   undefined: each request names its own
 */
function authoritativeOrigin (options, own) {
  const meant = originOf(options)
  if (own === undefined) {
    return meant
  }
  return own !== null && meant && URL.canParse(meant) && new URL(meant).origin !== own ? null : own
}

/**
 * @param {object} options of the request, with its fields as `fieldsOf` gives them
 * @param {string|URL|null} [origin]
 * @returns {object} `origin`, `method`, `path`, `headers`
 */
function keyOf (options, origin = originOf(options)) {
  if (!origin) {
    throw new Error('opts.origin is undefined')
  }
  const { method, query, headers } = options
  const path = options.path || '/'
  const isWhole = !query || path.includes('?') || path.includes('#')
  return { origin: origin.toString(), method, path: isWhole ? path : serializePathWithQuery(path, query), headers }
}

/**
 * A key as a text that no other request has.
 *
 * @param {object} key
 * @param {Set<string>} [excluded] names of fields that requests may differ in
 */
function deduplicationKeyOf ({ origin, method, path, headers = {} }, excluded) {
  const fields = {}
  for (const name of Object.keys(headers).sort()) {
    if (!excluded?.has(name.toLowerCase())) {
      define(fields, name, headers[name])
    }
  }
  return JSON.stringify([origin, method, path, fields])
}

module.exports = { authoritativeOrigin, deduplicationKeyOf, fieldsOf, keyOf, originOf }
