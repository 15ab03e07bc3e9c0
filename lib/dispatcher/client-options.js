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
  const options = {}
  for (const [name, , , standard] of OPTIONS) {
    options[name] = given[name] ?? standard()
  }
  options.connect = connectOptions(given, options, check)
  return options
}

module.exports = { clientOptions }
