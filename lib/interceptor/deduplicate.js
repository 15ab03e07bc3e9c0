'use strict'

// The interceptor that makes one request of several equal ones that are under way at a time. Which requests are equal is
// said here; how one response becomes several is in shared-response.js.

const diagnostics = require('node:diagnostics_channel')
const { SharedResponse } = require('./shared-response')
const { lowerCaseName, pairsOf } = require('../core/headers')
const { meantOrigin, serializePathWithQuery } = require('../core/url')

const SAFE = ['GET', 'HEAD', 'OPTIONS', 'TRACE']
const MAX_BUFFER_SIZE = 5 * 1024 * 1024

const pendingRequests = diagnostics.channel('undici:request:pending-requests')

function assertArray (value, name) {
  if (!Array.isArray(value)) {
    throw new TypeError(`expected opts.${name} to be an array, got ${typeof value}`)
  }
}

/** The fields of a request as pairs, names in lower case, in an order that does not depend on how they were given. */
function fieldsOf (headers) {
  const fields = []
  for (const [name, value] of pairsOf(headers)) {
    if (value !== undefined) {
      fields.push([lowerCaseName(name), Array.isArray(value) ? value.map(String) : [String(value)]])
    }
  }
  return fields.sort(([one], [other]) => one < other ? -1 : one > other ? 1 : 0)
}

/**
 * @param {object} [given] `methods` (safe ones, default GET), `skipHeaderNames` (requests with one of them go alone),
 *   `excludeHeaderNames` (fields that may differ), `maxBufferSize` (octets that are kept for one that pauses, default
 *   5 MiB)
 * @returns {Function} an interceptor
 * @throws {TypeError} where an option is not of its kind
 */
function deduplicate (given = {}) {
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(`expected type of opts to be an Object, got ${given === null ? 'null' : typeof given}`)
  }
  const { methods = ['GET'], skipHeaderNames = [], excludeHeaderNames = [], maxBufferSize = MAX_BUFFER_SIZE } = given
  assertArray(methods, 'methods')
  const unsafe = methods.find((method) => !SAFE.includes(method))
  if (unsafe !== undefined) {
    throw new TypeError(`expected opts.methods to only contain safe HTTP methods, got ${unsafe}`)
  }
  assertArray(skipHeaderNames, 'skipHeaderNames')
  assertArray(excludeHeaderNames, 'excludeHeaderNames')
  if (!Number.isFinite(maxBufferSize) || maxBufferSize <= 0) {
    throw new TypeError(`expected opts.maxBufferSize to be a positive finite number, got ${maxBufferSize}`)
  }
  const skipped = new Set(skipHeaderNames.map((name) => name.toLowerCase()))
  const excluded = new Set(excludeHeaderNames.map((name) => name.toLowerCase()))
  const pending = new Map()

  const tell = (key, type) => {
    if (pendingRequests.hasSubscribers) {
      pendingRequests.publish({ size: pending.size, key, type })
    }
  }

  return (dispatch, ownOrigin) => (options, handler) => {
    // A dispatcher of several origins that serve the same has none to tell requests apart by.
    const origin = ownOrigin === null ? null : options[meantOrigin] ?? options.origin ?? ownOrigin
    // A content of its own makes a request unlike others.
    if (!origin || options.upgrade || options.body != null || !methods.includes(options.method)) {
      return dispatch(options, handler)
    }
    const fields = fieldsOf(options.headers)
    if (fields.some(([name]) => skipped.has(name))) {
      return dispatch(options, handler)
    }
    const path = options.query ? serializePathWithQuery(options.path, options.query) : options.path
    const key = JSON.stringify([String(origin), options.method, path, fields.filter(([name]) => !excluded.has(name))])

    const shared = pending.get(key)
    if (shared?.join(handler)) {
      return true
    }
    if (shared !== undefined) {
      return dispatch(options, handler)
    }
    const first = new SharedResponse(handler, maxBufferSize, () => {
      pending.delete(key)
      tell(key, 'removed')
    })
    pending.set(key, first)
    tell(key, 'added')
    try {
      return dispatch(options, first)
    } catch (error) {
      first.leave()
      throw error
    }
  }
}

module.exports = { deduplicate }
