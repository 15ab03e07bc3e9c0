'use strict'

// What of a request a snapshot is found by: which parts of it count, how they are written down, and the hash of that.
// Both are part of the file format, which is undici's.

const { hash } = require('node:crypto')
const { define } = require('../core/headers')

const text = (value) => Buffer.isBuffer(value) ? value.toString() : value

/** Fields in any form as an object of lower-cased names; several values of one are joined by commas. */
function plainHeaders (headers) {
  const plain = {}
  if (Array.isArray(headers) && headers.length % 2 === 0) {
    for (let i = 0; i < headers.length; i += 2) {
      const [name, value] = [headers[i], headers[i + 1]]
      if (name && value !== undefined) {
        define(plain, text(name).toLowerCase(), text(value))
      }
    }
  } else if (headers && typeof headers === 'object') {
    for (const [name, value] of Object.entries(headers)) {
      if (name) {
        define(plain, name.toLowerCase(), Array.isArray(value) ? value.join(', ') : String(value))
      }
    }
  }
  return plain
}

class RequestMatcher {
  #options
  #match
  #hidden
  #excluded

  /** @param {object} options the `match…`, `ignore…`, `exclude…` and `normalize…` options of docs/api/SnapshotAgent.md */
  constructor (options) {
    const names = (list) => new Set(options.caseSensitive ? list : list.map((name) => name.toLowerCase()))
    this.#options = options
    this.#match = names(options.matchHeaders)
    this.#excluded = names(options.excludeHeaders)
    this.#hidden = names([...options.excludeHeaders, ...options.ignoreHeaders])
  }

  /** What of a request counts, as it is written into the file. */
  describe ({ origin, path, method, headers, body }) {
    return {
      method: method || 'GET',
      url: this.#url(new URL(path, origin)),
      headers: this.#select(plainHeaders(headers), (name) =>
        !this.#hidden.has(name) && (this.#match.size === 0 || this.#match.has(name))),
      body: this.#body(body)
    }
  }

  /** The headers of a response, as they are written into the file: without those that nobody is to see. */
  storedHeaders (headers) {
    return this.#select(plainHeaders(headers), (name) => !this.#excluded.has(name))
  }

  // --- inside

  #select (headers, isWanted) {
    const selected = {}
    for (const [name, value] of Object.entries(headers)) {
      if (isWanted(name)) {
        define(selected, name, value)
      }
    }
    return selected
  }

  #url (url) {
    const { matchQuery, normalizeQuery } = this.#options
    const bare = `${url.origin}${url.pathname}`
    if (!matchQuery) {
      return bare
    }
    if (normalizeQuery === undefined) {
      return url.toString()
    }
    const query = String(normalizeQuery(url.searchParams) ?? '')
    return query === '' ? bare : `${bare}?${query}`
  }

  #body (body) {
    const { matchBody, normalizeBody } = this.#options
    if (!matchBody) {
      return ''
    }
    if (normalizeBody !== undefined) {
      return String(normalizeBody(body) ?? '')
    }
    return body ? String(body) : ''
  }
}

/** The name of a request that was described: the same for all that are alike. */
function hashOf ({ method, url, headers, body }) {
  const parts = [method, url]
  for (const name of Object.keys(headers).sort()) {
    parts.push(name, String(headers[name]))
  }
  parts.push(body)
  return hash('sha256', parts.join('|'), 'base64url')
}

module.exports = { RequestMatcher, hashOf }
