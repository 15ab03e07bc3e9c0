'use strict'

// How a dispatcher connects: by the engine, perhaps through a proxy, or by a connector in JavaScript that lends its sockets to it.
// The engine does what it can; an option that it does not know is left to Node's own net and tls.

const net = require('node:net')
const { NotSupportedError } = require('../core/errors')
const { buildConnector, optionsOf } = require('../core/connector')
const { tunnelsOf } = require('./tunnels')

const isDuration = (value) => Number.isFinite(value) && value >= 0
const isAttemptTimeout = (value) => Number.isInteger(value) && value >= -1
const isString = (value) => typeof value === 'string'
const isAddress = (value) => isString(value) && net.isIP(value) !== 0
const isBoolean = (value) => typeof value === 'boolean'
const isCount = (value) => Number.isInteger(value) && value >= 0
const isOctet = (value) => isCount(value) && value <= 255

// Options of `connect` that the engine knows, as the table in client-options.js.
const KNOWN = [
  ['timeout', isDuration, 'invalid connectTimeout'],
  ['socketPath', isString, 'invalid socketPath'],
  ['localAddress', isAddress, 'localAddress must be valid string IP address'],
  ['keepAlive', isBoolean, 'invalid keepAlive'],
  ['keepAliveInitialDelay', isDuration, 'invalid keepAliveInitialDelay'],
  ['noDelay', isBoolean, 'invalid noDelay'],
  ['typeOfService', isOctet, 'invalid typeOfService'],
  ['autoSelectFamily', isBoolean, 'invalid autoSelectFamily'],
  ['autoSelectFamilyAttemptTimeout', isAttemptTimeout, 'autoSelectFamilyAttemptTimeout must be a positive number'],
  ['maxCachedSessions', isCount, 'maxCachedSessions must be a positive integer or zero']
]
const KNOWN_NAMES = new Set(KNOWN.map(([name]) => name))

// Options of tls.connect, which mean nothing without TLS.
const TLS_ONLY = new Set([
  'ALPNProtocols', 'allowH2', 'allowPartialTrustChain', 'ca', 'cert', 'checkServerIdentity', 'ciphers', 'crl', 'dhparam',
  'ecdhCurve', 'highWaterMark', 'honorCipherOrder', 'key', 'maxVersion', 'minVersion', 'passphrase', 'pfx', 'preferH2',
  'rejectUnauthorized', 'requestCert', 'secureContext', 'secureOptions', 'secureProtocol', 'servername', 'session', 'sigalgs'
])

/**
 * @param {object} given the options of a dispatcher
 * @param {object} checked the same, checked and completed
 * @param {(table: object[], given: object) => void} check
 * @returns {ConnectOptions}
 * @throws {InvalidArgumentError} where a value is not of its kind
 * @throws {NotSupportedError} where HTTP/2 is asked for without TLS
 */
function connectOptions (given, checked, check) {
  if (given.useH2c || given.h2Options?.useH2c) {
    throw new NotSupportedError('HTTP/2 is not supported')
  }
  const { connect } = checked
  const own = typeof connect === 'function' ? optionsOf(connect) : connect ?? {}
  if (own === undefined) {
    return new ConnectOptions({}, { ...checked, connectTimeout: 0 }, connect)
  }
  if (own.useH2c) {
    throw new NotSupportedError('HTTP/2 is not supported')
  }
  const all = { ...given.tls, maxCachedSessions: given.maxCachedSessions, ...own }
  check(KNOWN, all)
  return new ConnectOptions(all, checked, null)
}

class ConnectOptions {
  #own
  #checked
  #connector
  #tunnels

  /**
   * @param {object} own what was given of `connect`
   * @param {object} checked the dispatcher's options
   * @param {Function|null} connector the user's own
   */
  constructor (own, checked, connector) {
    this.#own = own
    this.#checked = checked
    this.#connector = connector
    this.#tunnels = connector === null ? undefined : tunnelsOf(connector)
    const selectsFamily = own.autoSelectFamily ?? checked.autoSelectFamily
    const attemptTimeout = own.autoSelectFamilyAttemptTimeout ?? checked.autoSelectFamilyAttemptTimeout
    this.connectTimeout = own.timeout ?? checked.connectTimeout
    // Node's minimum is 10 milliseconds; without several families to select from there are no attempts.
    this.attemptTimeout = selectsFamily === false ? 0 : Math.max(attemptTimeout, 10)
    this.socketPath = own.socketPath ?? checked.socketPath
    this.localAddress = own.localAddress ?? checked.localAddress
    this.tcpKeepAlive = own.keepAlive === false ? null : own.keepAliveInitialDelay ?? 60e3
    this.noDelay = own.noDelay ?? true
    this.typeOfService = own.typeOfService ?? null
    this.servername = own.servername || null
  }

  /**
   * How connections to an origin are made.
   *
   * @param {URL} url of the origin
   * @param {{ isKnown: (name: string) => boolean, contextOf: (options: object, name: string) => object|null }} engine
   *   what it can do of TLS
   * @param {string} name whom the certificate of a server must speak for
   * @returns {{ connector: Function|null, security: object|null, tunnel: object|null }} with a tunnel the engine can do what the
   *   connector does; without a connector the engine connects, with TLS where there is a context
   */
  transport (url, engine, name) {
    const connected = (connector, security, tunnel) => ({ connector, security, tunnel })
    if (this.#connector !== null) {
      return connected(this.#connector, null, this.#tunnels?.to(url, engine, name) ?? null)
    }
    const isSecure = url.protocol === 'https:'
    if (!this.#isForEngine(isSecure, engine)) {
      return connected(this.connector(), null, null)
    }
    if (!isSecure) {
      return connected(null, null, null)
    }
    const context = engine.contextOf(this.#own, name)
    return context === null ? connected(this.connector(), null, null) : connected(null, context, null)
  }

  /** A connector that does by Node's net and tls what the engine would do itself. */
  connector () {
    const { autoSelectFamily, autoSelectFamilyAttemptTimeout, socketPath, localAddress } = this.#checked
    return buildConnector({
      autoSelectFamily,
      autoSelectFamilyAttemptTimeout,
      socketPath,
      localAddress,
      ...this.#own,
      timeout: this.connectTimeout,
      allowH2: false
    })
  }

  #isForEngine (isSecure, engine) {
    const own = this.#own
    return Object.keys(own).every((name) => own[name] == null || KNOWN_NAMES.has(name) ||
      (isSecure ? engine.isKnown(name) : TLS_ONLY.has(name)))
  }
}

module.exports = { connectOptions }
