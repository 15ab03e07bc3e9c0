'use strict'

// The Cache of the Service Worker standard (https://w3c.github.io/ServiceWorker/#cache-interface): responses by the
// requests that they are for, kept until they are deleted. What HTTP says of freshness is not known here: that is
// `interceptors.cache`.

const { isToken } = require('../core/headers')
const { builtin } = require('./builtins')
const { fetch } = require('./fetch')
const { assertCount, describe, dictionary, scalarString } = require('./idl')
const { KeptResponse, immutable } = require('./kept-response')

const QUERY_OPTIONS = { ignoreSearch: [Boolean, false], ignoreMethod: [Boolean, false], ignoreVary: [Boolean, false] }

const isHttp = ({ url }) => /^https?:/.test(url)
const isRequest = (value) => value instanceof builtin('Request')

/** Web IDL's RequestInfo. */
const requestInfo = (value) => isRequest(value) ? value : scalarString(value)

// A request of its own, which no signal of its user's can abort.
const requestOf = (info) => new (builtin('Request'))(info, { signal: null })

function fail (method, message) {
  throw new TypeError(`Cache.${method}: ${message}`)
}

const variesIn = (vary) => (vary ?? '').split(',').map((field) => field.trim()).filter(isToken)

/** What two URLs have in common that are the same but for what follows `#`. */
function comparable (text, ignoreSearch) {
  const url = new URL(text)
  url.hash = ''
  if (ignoreSearch) {
    url.search = ''
  }
  return url.href
}

/** https://w3c.github.io/ServiceWorker/#request-matches-cached-item-algorithm */
function matches (query, { request, response }, { ignoreSearch = false, ignoreVary = false }) {
  if (comparable(query.url, ignoreSearch) !== comparable(request.url, ignoreSearch)) {
    return false
  }
  return ignoreVary || variesIn(response.vary).every((name) =>
    name !== '*' && request.headers.get(name) === query.headers.get(name))
}

/** Puts all of the entries into a list in the place of those that they match, or none. */
function putAll (entries, list) {
  const next = [...list]
  const added = []
  for (const entry of entries) {
    if (added.some((one) => matches(entry.request, one, {}))) {
      throw new DOMException('Two of the requests are for one response', 'InvalidStateError')
    }
    added.push(entry)
    for (let index = next.length - 1; index >= 0; index--) {
      if (matches(entry.request, next[index], {})) {
        next.splice(index, 1)
      }
    }
    next.push(entry)
  }
  list.splice(0, list.length, ...next)
}

// Who makes one knows this.
const OWN = Symbol('own')

class Cache {
  // Of `{ request, response }`, oldest first; shared with all that were opened by one name.
  #list

  constructor (key, list) {
    if (key !== OWN) {
      throw new TypeError('Illegal constructor')
    }
    this.#list = list
  }

  async match (request, options = {}) {
    const list = this.#list
    assertCount('Cache.match', arguments, 1)
    const info = requestInfo(request)
    return query(list, info, dictionary(options, QUERY_OPTIONS))[0]?.response.toResponse()
  }

  async matchAll (request = undefined, options = {}) {
    const list = this.#list
    const info = request === undefined ? undefined : requestInfo(request)
    return Object.freeze(query(list, info, dictionary(options, QUERY_OPTIONS)).map(({ response }) => response.toResponse()))
  }

  async add (request) {
    const list = this.#list
    assertCount('Cache.add', arguments, 1)
    await addAll(list, [requestInfo(request)])
  }

  async addAll (requests) {
    const list = this.#list
    assertCount('Cache.addAll', arguments, 1)
    if (requests === null || typeof requests !== 'object' || typeof requests[Symbol.iterator] !== 'function') {
      fail('addAll', 'requests is no sequence')
    }
    await addAll(list, Array.from(requests, (request) => {
      if (request === undefined) {
        fail('addAll', 'undefined is no request')
      }
      return requestInfo(request)
    }))
  }

  async put (request, response) {
    const list = this.#list
    assertCount('Cache.put', arguments, 2)
    const info = requestInfo(request)
    if (!(response instanceof builtin('Response'))) {
      fail('put', 'response is no Response')
    }
    const own = isRequest(info) && info.method !== 'GET' ? info : requestOf(info)
    if (!isHttp(own) || own.method !== 'GET') {
      fail('put', 'Expected an http/s scheme when method is not GET')
    }
    if (response.status === 206) {
      fail('put', 'Got 206 status')
    }
    if (variesIn(response.headers.get('vary')).includes('*')) {
      fail('put', 'Got * vary field value')
    }
    if (response.bodyUsed || response.body?.locked) {
      fail('put', 'Response body is locked or disturbed')
    }
    putAll([{ request: own, response: await KeptResponse.of(response) }], list)
  }

  async delete (request, options = {}) {
    const list = this.#list
    assertCount('Cache.delete', arguments, 1)
    const info = requestInfo(request)
    const found = new Set(query(list, info, dictionary(options, QUERY_OPTIONS)))
    list.splice(0, list.length, ...list.filter((entry) => !found.has(entry)))
    return found.size > 0
  }

  async keys (request = undefined, options = {}) {
    const list = this.#list
    const info = request === undefined ? undefined : requestInfo(request)
    return Object.freeze(query(list, info, dictionary(options, QUERY_OPTIONS)).map(({ request }) => {
      const own = requestOf(request)
      immutable(own.headers)
      return own
    }))
  }
}

/** The entries for a request, or all. Only those for GET are kept. */
function query (list, info, options) {
  if (info === undefined) {
    return [...list]
  }
  if (isRequest(info) && info.method !== 'GET' && !options.ignoreMethod) {
    return []
  }
  const asked = isRequest(info) ? info : new (builtin('Request'))(info)
  return list.filter((entry) => matches(asked, entry, options))
}

async function addAll (list, infos) {
  if (infos.some((info) => isRequest(info) && (!isHttp(info) || info.method !== 'GET'))) {
    fail('addAll', 'Expected http/s scheme when method is not GET.')
  }
  const requests = infos.map((info) => new (builtin('Request'))(info))
  if (!requests.every(isHttp)) {
    fail('addAll', 'Expected http/s scheme.')
  }
  // One that fails is the end of all.
  const end = new AbortController()
  try {
    putAll(await Promise.all(requests.map((request) => fetched(request, end.signal))), list)
  } catch (error) {
    end.abort()
    throw error
  }
}

async function fetched (request, signal) {
  const kept = requestOf(request)
  const response = await fetch(request, { signal: AbortSignal.any([request.signal, signal]) }).catch((error) => {
    if (request.signal.aborted) {
      throw error
    }
    throw new TypeError('Cache.addAll: Received an invalid status code or the request failed.', { cause: error })
  })
  if (!response.ok || response.status === 206) {
    fail('addAll', 'Received an invalid status code or the request failed.')
  }
  if (variesIn(response.headers.get('vary')).includes('*')) {
    fail('addAll', 'invalid vary field value')
  }
  return { request: kept, response: await KeptResponse.of(response) }
}

describe(Cache, ['match', 'matchAll', 'add', 'addAll', 'put', 'delete', 'keys'])

/** A Cache of a list that it shares with others. */
const cacheOf = (list) => new Cache(OWN, list)

module.exports = { QUERY_OPTIONS, cacheOf, requestInfo }
