'use strict'

// What a MockAgent was asked for: a log for each request, intercepted or not, and ways to find some of them.

const { InvalidArgumentError } = require('../core/errors')

/** One request. */
class MockCallHistoryLog {
  /**
   * @param {object} [options] of the request
   * @throws {InvalidArgumentError} where origin and path make no URL
   */
  constructor (options = {}) {
    this.body = options.body
    this.headers = options.headers
    this.method = options.method
    const url = urlOf(options)
    this.fullUrl = url.toString()
    this.origin = url.origin
    this.path = url.pathname
    this.searchParams = Object.fromEntries(url.searchParams)
    this.protocol = url.protocol
    this.host = url.host
    this.port = url.port
    this.hash = url.hash
  }

  /** Its properties by name. */
  toMap () {
    const names = ['protocol', 'host', 'port', 'origin', 'path', 'hash', 'searchParams', 'fullUrl', 'method', 'body', 'headers']
    return new Map(names.map((name) => [name, this[name]]))
  }

  /** Its properties in one line: what a RegExp given to `filterCalls` is tried on. */
  toString () {
    const parts = []
    for (const [name, value] of this.toMap()) {
      if (value == null || typeof value === 'string') {
        parts.push(`${name}->${value}`)
      } else if (typeof value === 'object') {
        parts.push(`${name}->${JSON.stringify(value)}`)
      }
    }
    return parts.join('|')
  }
}

function urlOf ({ path, origin, query }) {
  try {
    const url = new URL(path, origin)
    if (url.search === '') {
      url.search = new URLSearchParams(query).toString()
    }
    return url
  } catch (error) {
    throw new InvalidArgumentError('An error occurred when computing MockCallHistoryLog.url', { cause: error })
  }
}

// By what logs can be filtered, in the order in which `filterCalls` adds what it finds.
const criteria = ['protocol', 'host', 'port', 'origin', 'path', 'hash', 'fullUrl', 'method']

class MockCallHistory {
  /** The logs, oldest first. */
  logs = []

  /** All logs, oldest first. */
  calls () {
    return this.logs
  }

  firstCall () {
    return this.logs.at(0)
  }

  lastCall () {
    return this.logs.at(-1)
  }

  /**
   * @param {number} number counted from 1
   * @throws {InvalidArgumentError} where that is no whole number above 0
   */
  nthCall (number) {
    if (typeof number !== 'number') {
      throw new InvalidArgumentError('nthCall must be called with a number')
    }
    if (!Number.isInteger(number)) {
      throw new InvalidArgumentError('nthCall must be called with an integer')
    }
    if (number <= 0) {
      throw new InvalidArgumentError('nthCall must be called with a positive value. use firstCall or lastCall instead')
    }
    return this.logs.at(number - 1)
  }

  /**
   * @param {Function|RegExp|object} filter a function of a log, a RegExp for its `toString()`, or an object with a
   *   string or RegExp for some of `protocol`, `host`, `port`, `origin`, `path`, `hash`, `fullUrl`, `method`
   * @param {{ operator?: 'OR'|'AND' }} [options] whether one of those has to match, the default, or all
   * @returns {MockCallHistoryLog[]}
   * @throws {InvalidArgumentError} where it is none of these
   */
  filterCalls (filter, options) {
    const { logs } = this
    if (logs.length === 0) {
      return logs
    }
    if (typeof filter === 'function') {
      return logs.filter(filter)
    }
    if (filter instanceof RegExp) {
      return logs.filter((log) => filter.test(log.toString()))
    }
    if (typeof filter !== 'object' || filter === null) {
      throw new InvalidArgumentError('criteria parameter should be one of function, regexp, or object')
    }
    if (Object.keys(filter).length === 0) {
      return logs
    }
    const names = criteria.filter((name) => name in filter)
    if (isConjunction(options)) {
      return names.reduce((found, name) => filterBy(name, filter[name], found), logs)
    }
    return [...new Set(names.flatMap((name) => filterBy(name, filter[name], logs)))]
  }

  filterCallsByProtocol = (value, logs = this.logs) => filterBy('protocol', value, logs)
  filterCallsByHost = (value, logs = this.logs) => filterBy('host', value, logs)
  filterCallsByPort = (value, logs = this.logs) => filterBy('port', value, logs)
  filterCallsByOrigin = (value, logs = this.logs) => filterBy('origin', value, logs)
  filterCallsByPath = (value, logs = this.logs) => filterBy('path', value, logs)
  filterCallsByHash = (value, logs = this.logs) => filterBy('hash', value, logs)
  filterCallsByFullUrl = (value, logs = this.logs) => filterBy('fullUrl', value, logs)
  filterCallsByMethod = (value, logs = this.logs) => filterBy('method', value, logs)

  /** Forgets all logs. */
  clear () {
    this.logs = []
  }

  * [Symbol.iterator] () {
    yield * this.logs
  }
}

function filterBy (name, value, logs) {
  if (typeof value === 'string' || value == null) {
    return logs.filter((log) => log[name] === value)
  }
  if (value instanceof RegExp) {
    return logs.filter((log) => value.test(log[name]))
  }
  throw new InvalidArgumentError(`${name} parameter should be one of string, regexp, undefined or null`)
}

function isConjunction (options = {}) {
  if (!('operator' in options)) {
    return false
  }
  const operator = typeof options.operator === 'string' ? options.operator.toUpperCase() : ''
  if (operator !== 'OR' && operator !== 'AND') {
    throw new InvalidArgumentError('options.operator must to be a case insensitive string equal to \'OR\' or \'AND\'')
  }
  return operator === 'AND'
}

module.exports = { MockCallHistory, MockCallHistoryLog }
