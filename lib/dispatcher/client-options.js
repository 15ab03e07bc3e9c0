'use strict'

// The options of a Client as a table: name, check of a value that is neither undefined nor null, what is
// said where it fails, default. Names, checks, defaults and messages are undici 8.12.4's.

const http = require('node:http')
const net = require('node:net')
const { InvalidArgumentError, NotSupportedError } = require('../core/errors')

const isDuration = (value) => Number.isFinite(value) && value >= 0
const isPositive = (value) => Number.isFinite(value) && value > 0
const isCount = (value) => Number.isInteger(value) && value >= 0
const isAttemptTimeout = (value) => Number.isInteger(value) && value >= -1
const isString = (value) => typeof value === 'string'
const isAddress = (value) => isString(value) && net.isIP(value) !== 0
const isBoolean = (value) => typeof value === 'boolean'

const OPTIONS = [
  ['maxHeaderSize', (value) => Number.isInteger(value) && value >= 1, 'invalid maxHeaderSize', () => http.maxHeaderSize],
  ['socketPath', isString, 'invalid socketPath', () => null],
  ['connectTimeout', isDuration, 'invalid connectTimeout', () => 10e3],
  ['keepAliveTimeout', isPositive, 'invalid keepAliveTimeout', () => 4e3],
  ['keepAliveMaxTimeout', isPositive, 'invalid keepAliveMaxTimeout', () => 600e3],
  ['keepAliveTimeoutThreshold', Number.isFinite, 'invalid keepAliveTimeoutThreshold', () => 2e3],
  ['headersTimeout', isCount, 'headersTimeout must be a positive integer or zero', () => 300e3],
  ['bodyTimeout', isCount, 'bodyTimeout must be a positive integer or zero', () => 300e3],
  ['connect', (value) => typeof value === 'function' || typeof value === 'object', 'connect must be a function or an object', () => null],
  ['maxRequestsPerClient', isCount, 'maxRequestsPerClient must be a positive number', () => 0],
  ['localAddress', isAddress, 'localAddress must be valid string IP address', () => null],
  ['maxResponseSize', (value) => Number.isInteger(value) && value >= -1, 'maxResponseSize must be a positive number', () => -1],
  ['autoSelectFamily', () => true, '', net.getDefaultAutoSelectFamily],
  ['autoSelectFamilyAttemptTimeout', isAttemptTimeout, 'autoSelectFamilyAttemptTimeout must be a positive number', net.getDefaultAutoSelectFamilyAttemptTimeout],
  ['allowH2', isBoolean, 'allowH2 must be a valid boolean value', () => null],
  ['pipelining', () => true, '', () => 1],
  ['strictContentLength', () => true, '', () => true]
]

// Options of undici's past, and what to use instead.
const REPLACED = [
  ['keepAlive', 'unsupported keepAlive, use pipelining=0 instead'],
  ['socketTimeout', 'unsupported socketTimeout, use headersTimeout & bodyTimeout instead'],
  ['requestTimeout', 'unsupported requestTimeout, use headersTimeout & bodyTimeout instead'],
  ['idleTimeout', 'unsupported idleTimeout, use keepAliveTimeout instead'],
  ['maxKeepAliveTimeout', 'unsupported maxKeepAliveTimeout, use keepAliveMaxTimeout instead']
]

// Options of `connect` (net.connect's) that the engine knows.
const CONNECT_OPTIONS = [
  ['timeout', isDuration, 'invalid connectTimeout'],
  ['socketPath', isString, 'invalid socketPath'],
  ['localAddress', isAddress, 'localAddress must be valid string IP address'],
  ['keepAlive', isBoolean, 'invalid keepAlive'],
  ['keepAliveInitialDelay', isDuration, 'invalid keepAliveInitialDelay'],
  ['noDelay', isBoolean, 'invalid noDelay'],
  ['autoSelectFamily', isBoolean, 'invalid autoSelectFamily'],
  ['autoSelectFamilyAttemptTimeout', isAttemptTimeout, 'autoSelectFamilyAttemptTimeout must be a positive number']
]

// Options that mean something only over TLS or HTTP/2: without either they change nothing, as in undici.
const IDLE_CONNECT_OPTIONS = new Set([
  'allowH2', 'preferH2', 'maxCachedSessions', 'rejectUnauthorized', 'ca', 'cert', 'key', 'passphrase', 'pfx', 'servername',
  'session', 'ciphers', 'minVersion', 'maxVersion', 'ALPNProtocols', 'checkServerIdentity', 'secureContext', 'sigalgs',
  'ecdhCurve', 'crl', 'dhparam', 'honorCipherOrder', 'requestCert', 'secureOptions', 'secureProtocol', 'highWaterMark',
  'allowPartialTrustChain'
])

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
 * @throws {NotSupportedError} where an option asks for what the engine does not do
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
  Object.assign(options, connectOptions(given, options))
  return options
}

function connectOptions (given, checked) {
  const { connect, useH2c, h2Options, maxRedirections, interceptors } = given
  if (maxRedirections != null && maxRedirections !== 0) {
    throw new NotSupportedError('maxRedirections is not supported')
  }
  if (interceptors != null) {
    throw new NotSupportedError('interceptors as an option are not supported, use compose')
  }
  if (typeof connect === 'function') {
    throw new NotSupportedError('connect as a function is not supported')
  }
  if (useH2c || h2Options?.useH2c) {
    throw new NotSupportedError('HTTP/2 is not supported')
  }
  const own = connect ?? {}
  check(CONNECT_OPTIONS, own)
  for (const name of Object.keys(own)) {
    const isKnown = IDLE_CONNECT_OPTIONS.has(name) || CONNECT_OPTIONS.some(([known]) => known === name)
    if (!isKnown && own[name] !== undefined) {
      throw new NotSupportedError(`connect.${name} is not supported`)
    }
  }
  const selectsFamily = own.autoSelectFamily ?? checked.autoSelectFamily
  const attemptTimeout = own.autoSelectFamilyAttemptTimeout ?? checked.autoSelectFamilyAttemptTimeout
  return {
    connectTimeout: own.timeout ?? checked.connectTimeout,
    // Node's minimum is 10 milliseconds; without several families to select from there are no attempts.
    attemptTimeout: selectsFamily === false ? 0 : Math.max(attemptTimeout, 10),
    socketPath: own.socketPath ?? checked.socketPath,
    localAddress: own.localAddress ?? checked.localAddress,
    tcpKeepAlive: own.keepAlive === false ? null : own.keepAliveInitialDelay ?? 60e3,
    noDelay: own.noDelay ?? true
  }
}

module.exports = { clientOptions }
