'use strict'

// What stores keep: the key of a request and the value of a response, checked, and which of several responses to a URL a
// request may have. Whether a response may be kept at all, and for how long, is not said here.

const { Writable } = require('node:stream')

const isCount = (value) => Number.isInteger(value) && value >= 0

/**
 * The options of a store that are whole numbers, completed.
 *
 * @param {string} store its name
 * @param {object|undefined} given
 * @param {object} defaults
 * @throws {TypeError}
 */
function counts (store, given, defaults) {
  if (given != null && typeof given !== 'object') {
    throw new TypeError(`${store} options must be an object`)
  }
  const options = {}
  for (const name of Object.keys(defaults)) {
    const value = given?.[name]
    if (value !== undefined && !isCount(value)) {
      throw new TypeError(`${store} options.${name} must be a non-negative integer`)
    }
    options[name] = value ?? defaults[name]
  }
  return options
}

function assertObject (key) {
  if (typeof key !== 'object' || key === null) {
    throw new TypeError(`expected key to be object, got ${key === null ? 'null' : typeof key}`)
  }
}

/** @throws {TypeError} where a key is none */
function assertKey (key) {
  assertObject(key)
  for (const name of ['origin', 'method', 'path']) {
    if (typeof key[name] !== 'string') {
      throw new TypeError(`expected key.${name} to be string, got ${typeof key[name]}`)
    }
  }
  if (key.headers !== undefined && typeof key.headers !== 'object') {
    throw new TypeError(`expected headers to be object, got ${typeof key.headers}`)
  }
}

const MEMBERS = [
  ['statusCode', 'number', false], ['cachedAt', 'number', false], ['staleAt', 'number', false],
  ['deleteAt', 'number', false], ['statusMessage', 'string', false], ['headers', 'object', true],
  ['vary', 'object', true], ['etag', 'string', true]
]

/** @throws {TypeError} where a value is none */
function assertValue (value) {
  if (typeof value !== 'object' || value === null) {
    throw new TypeError(`expected value to be object, got ${value === null ? 'null' : typeof value}`)
  }
  for (const [name, type, isOptional] of MEMBERS) {
    const given = typeof value[name]
    if (given !== type && !(isOptional && value[name] == null)) {
      throw new TypeError(`expected value.${name} to be ${type}, got ${given}`)
    }
  }
}

function isSame (one, other) {
  if (one == null || other == null) {
    return one == null && other == null
  }
  return Array.isArray(one) && Array.isArray(other)
    ? one.length === other.length && one.every((value, index) => value === other[index])
    : one === other
}

/**
 * Whether a request has the fields that a response depends on (RFC 9111 section 4.1).
 *
 * @param {object|undefined} headers of the request, names in lower case
 * @param {object|null|undefined} vary the fields of the request that the response was for
 */
function matches (headers, vary) {
  return vary == null || Object.keys(vary).every((name) => isSame(headers?.[name], vary[name]))
}

/** A Writable that gives what was written to `keep`, unless that is more than `maxSize` octets or it does not end. */
function collector (maxSize, keep) {
  const chunks = []
  let size = 0
  return new Writable({
    write (chunk, encoding, callback) {
      size += chunk.length
      if (size > maxSize) {
        this.destroy()
      } else {
        chunks.push(chunk)
      }
      callback()
    },
    final (callback) {
      keep(chunks, size)
      callback()
    }
  })
}

module.exports = { assertKey, assertObject, assertValue, collector, counts, matches }
