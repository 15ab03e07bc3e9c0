'use strict'

// The interceptor that resolves the names of origins, keeps their addresses for a while, and spreads requests over them.
// The dispatcher is asked for an address then; the name stays in the host field, in the server name for TLS, and in what
// redirects are relative to. What of the addresses is kept is in dns-records.js.

const { isIP } = require('node:net')
const { DnsRecords } = require('./dns-records')
const { DecoratorHandler } = require('../handler/decorator-handler')
const { asSecondGeneration } = require('../core/generations')
const { InvalidArgumentError } = require('../core/errors')
const { fieldsLike, lowerCaseName, pairsOf, withRepeatableFields } = require('../core/headers')
const { meantOrigin } = require('../core/url')

const isFunction = (value) => typeof value === 'function'
const OPTIONS = [
  ['maxTTL', (value) => typeof value === 'number' && value >= 0, 'Invalid maxTTL. Must be a positive number'],
  ['maxItems', (value) => typeof value === 'number' && value >= 1, 'Invalid maxItems. Must be a positive number and greater than zero'],
  ['affinity', (value) => value === 4 || value === 6, 'Invalid affinity. Must be either 4 or 6'],
  ['dualStack', (value) => typeof value === 'boolean', 'Invalid dualStack. Must be a boolean'],
  ['lookup', isFunction, 'Invalid lookup. Must be a function'],
  ['pick', isFunction, 'Invalid pick. Must be a function'],
  ['storage', (value) => ['get', 'set', 'full', 'delete'].every((name) => isFunction(value[name])),
    'Invalid storage. Must be a object with methods: { get, set, full, delete }']
]

/** The origin of an address that stands for a name. */
function originOf ({ protocol, port }, record) {
  const host = record.family === 6 ? `[${record.address}]` : record.address
  const own = typeof record.port === 'number' ? record.port : port
  return new URL(`${protocol}//${host}${own === '' ? '' : `:${own}`}`).origin
}

/** The fields of a request with the host that is meant, unless its user said another. */
function withHost (host, headers) {
  const pairs = [...pairsOf(headers)]
  const hasHost = pairs.some(([name]) => typeof name === 'string' && lowerCaseName(name) === 'host')
  return fieldsLike(headers, hasHost ? pairs : [['host', host], ...pairs])
}

class DnsHandler extends DecoratorHandler {
  #records
  #origin
  #family
  #send
  #hasTriedOther = false

  constructor (records, origin, family, send, handler) {
    super(handler)
    this.#records = records
    this.#origin = origin
    this.#family = family
    this.#send = send
  }

  onResponseError (controller, error) {
    const isUnreachable = error?.code === 'ETIMEDOUT' || error?.code === 'ECONNREFUSED'
    if (isUnreachable && this.#records.dualStack && !this.#hasTriedOther && !controller?.aborted) {
      this.#hasTriedOther = true
      const record = this.#records.pickFamily(this.#origin, this.#family === 6 ? 4 : 6)
      if (record !== null) {
        this.#send(record, this)
        return
      }
    }
    if (error?.code === 'ENOTFOUND') {
      this.#records.forget(this.#origin)
    }
    super.onResponseError(controller, error)
  }
}

/**
 * @param {object} [given] `maxTTL` (milliseconds, default 10000), `maxItems` (names, default: any number), `dualStack`
 *   (default true), `affinity` (4 or 6), `lookup`, `pick`, `storage`: see docs/api/Interceptors.md
 * @returns {Function} an interceptor
 * @throws {InvalidArgumentError} where an option is not of its kind
 */
function dns (given) {
  for (const [name, isValid, message] of OPTIONS) {
    const value = given?.[name]
    if (value != null && !isValid(value)) {
      throw new InvalidArgumentError(message)
    }
  }
  const records = new DnsRecords(given ?? {})

  return (dispatch) => (options, handler) => {
    if (options.origin == null) {
      return dispatch(options, handler)
    }
    const origin = new URL(options.origin)
    if (isIP(origin.hostname) !== 0 || origin.hostname[0] === '[') {
      return dispatch(options, handler)
    }
    const hearing = asSecondGeneration(handler)
    const { headers } = withRepeatableFields(options)
    const send = (record, handler) => dispatch({
      ...options,
      servername: options.servername ?? origin.hostname,
      origin: originOf(origin, record),
      [meantOrigin]: options[meantOrigin] ?? origin.origin,
      headers: withHost(origin.host, headers)
    }, handler)

    records.find(origin, options, (error, record) => {
      try {
        if (error) {
          hearing.onResponseError(null, error)
        } else if (record === null) {
          dispatch(options, handler)
        } else {
          send(record, new DnsHandler(records, origin, record.family, send, hearing))
        }
      } catch (fault) {
        hearing.onResponseError(null, fault)
      }
    })
    return true
  }
}

module.exports = { dns }
