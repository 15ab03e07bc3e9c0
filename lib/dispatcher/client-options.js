'use strict'

// The options of a Client as a table: name, check of a value that is neither undefined nor null, what is
// said where it fails, default. Names, checks, defaults and messages are undici 8.12.4's.

const net = require('node:net')
const { InvalidArgumentError } = require('../core/errors')
const { connectOptions } = require('./connect-options')

const isDuration = (value) => Number.isFinite(value) && value >= 0
const isPositive = (value) => Number.isFinite(value) && value > 0
const isCount = (value) => Number.isInteger(value) && value >= 0
const isAttemptTimeout = (value) => Number.isInteger(value) && value >= -1
const isString = (value) => typeof value === 'string'
const isAddress = (value) => isString(value) && net.isIP(value) !== 0
const isBoolean = (value) => typeof value === 'boolean'

const OPTIONS = [
  ['maxHeaderSize', (value) => Number.isInteger(value) && value >= 1, 'invalid maxHeaderSize', () => require('node:http').maxHeaderSize],
  ['socketPath', isString, 'invalid socketPath', () => null],
  ['connectTimeout', isDuration, 'invalid connectTimeout', () => 10e3],
  ['keepAliveTimeout', isPositive, 'invalid keepAliveTimeout', () => 4e3],
  ['keepAliveMaxTimeout', isPositive, 'invalid keepAliveMaxTimeout', () => 600e3],
  ['keepAliveTimeoutThreshold', Number.isFinite, 'invalid keepAliveTimeoutThreshold', () => 2e3],
  ['headersTimeout', isCount, 'headersTimeout must be a positive integer or zero', () => 300e3],
  ['bodyTimeout', isCount, 'bodyTimeout must be a positive integer or zero', () => 300e3],
  ['timeout', isCount, 'timeout must be a positive integer or zero', () => 0],
  ['connect', (value) => typeof value === 'function' || typeof value === 'object', 'connect must be a function or an object', () => null],
  ['maxRequestsPerClient', isCount, 'maxRequestsPerClient must be a positive number', () => 0],
  ['localAddress', isAddress, 'localAddress must be valid string IP address', () => null],
  ['maxResponseSize', (value) => Number.isInteger(value) && value >= -1, 'maxResponseSize must be a positive number', () => -1],
  ['autoSelectFamily', () => true, '', net.getDefaultAutoSelectFamily],
  ['autoSelectFamilyAttemptTimeout', isAttemptTimeout, 'autoSelectFamilyAttemptTimeout must be a positive number', net.getDefaultAutoSelectFamilyAttemptTimeout],
  ['allowH2', isBoolean, 'allowH2 must be a valid boolean value', () => null],
  ['pipelining', () => true, '', () => 1],
  ['strictContentLength', () => true, '', () => true],
  // Set by an Agent for those that it makes.
  ['share', () => true, '', () => null]
]

// What concerns HTTP/2 alone, which is not spoken yet. It is checked all the same: what is wrong is wrong.
const isWindow = (value) => Number.isInteger(value) && value >= 1
const HTTP2 = [
  ['useH2c', isBoolean, 'useH2c must be a valid boolean value'],
  ['maxConcurrentStreams', (value) => typeof value === 'number' && !(value < 1), 'maxConcurrentStreams must be a positive integer, greater than 0'],
  ['initialWindowSize', isWindow, 'initialWindowSize must be a positive integer, greater than 0'],
  ['connectionWindowSize', isWindow, 'connectionWindowSize must be a positive integer, greater than 0'],
  ['pingInterval', isCount, 'pingInterval must be a positive integer, greater or equal to 0']
]
const HTTP2_SETTINGS = [
  ['initialWindowSize', isWindow, 'h2Options.settings.initialWindowSize must be a positive integer, greater than 0']
]
const HTTP2_OPTIONS = [
  ['useH2c', isBoolean, 'h2Options.useH2c must be a valid boolean value'],
  ['maxConcurrentStreams', isWindow, 'h2Options.maxConcurrentStreams must be a positive integer, greater than 0'],
  ['connectionWindowSize', isWindow, 'h2Options.connectionWindowSize must be a positive integer, greater than 0'],
  ['pingInterval', isCount, 'h2Options.pingInterval must be a positive integer, greater or equal to 0']
]

// Options of undici's past, and what to use instead.
const REPLACED = [
  ['keepAlive', 'unsupported keepAlive, use pipelining=0 instead'],
  ['socketTimeout', 'unsupported socketTimeout, use headersTimeout & bodyTimeout instead'],
  ['requestTimeout', 'unsupported requestTimeout, use headersTimeout & bodyTimeout instead'],
  ['idleTimeout', 'unsupported idleTimeout, use keepAliveTimeout instead'],
  ['maxKeepAliveTimeout', 'unsupported maxKeepAliveTimeout, use keepAliveMaxTimeout instead']
]

function check (table, given) {
  for (const [name, isValid, message] of table) {
    const value = given[name]
    if (value != null && !isValid(value)) {
      throw new InvalidArgumentError(message)
    }
  }
}

// Where HTTP/2 is declined nothing of it is looked at; where there are `h2Options` the older names are not.
function checkHttp2 ({ allowH2, h2Options, ...given }) {
  if (allowH2 === false) {
    return
  }
  if (h2Options == null) {
    check(HTTP2, given)
  } else {
    check(HTTP2_SETTINGS, h2Options.settings ?? {})
    check(HTTP2_OPTIONS, h2Options)
  }
}

/**
 * The options of a Client, checked and completed.
 *
 * @param {object} given as undici's Client takes them
 * @throws {InvalidArgumentError} where a value is not of its kind
 */
function clientOptions (given) {
  for (const [name, message] of REPLACED) {
    if (given[name] !== undefined) {
      throw new InvalidArgumentError(message)
    }
  }
  check(OPTIONS, given)
  checkHttp2(given)
  const options = {}
  for (const [name, , , standard] of OPTIONS) {
    options[name] = given[name] ?? standard()
  }
  options.connect = connectOptions(given, options, check)
  return options
}

module.exports = { clientOptions }
