'use strict'

// The TLS options of a dispatcher as a context of the engine's, where the engine can follow them; null where it
// cannot, and Node's own tls has to do it.

const { X509Certificate, createPrivateKey, constants } = require('node:crypto')
const { readFileSync } = require('node:fs')
const { isIP } = require('node:net')
const { Trust, TlsContext } = require('./binding.js')

// OpenSSL's names of the suites that the engine has, with the registry's, in Node's order.
const SUITES = new Map([
  ['TLS_AES_256_GCM_SHA384', 'TLS13_AES_256_GCM_SHA384'],
  ['TLS_CHACHA20_POLY1305_SHA256', 'TLS13_CHACHA20_POLY1305_SHA256'],
  ['TLS_AES_128_GCM_SHA256', 'TLS13_AES_128_GCM_SHA256'],
  ['ECDHE-ECDSA-AES256-GCM-SHA384', 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'],
  ['ECDHE-ECDSA-AES128-GCM-SHA256', 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'],
  ['ECDHE-ECDSA-CHACHA20-POLY1305', 'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256'],
  ['ECDHE-RSA-AES256-GCM-SHA384', 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'],
  ['ECDHE-RSA-AES128-GCM-SHA256', 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'],
  ['ECDHE-RSA-CHACHA20-POLY1305', 'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256']
])

const DEFAULT_CACHED_SESSIONS = 100

// A name that certificates can have: labels, or an address. Node takes any other too, and says what it finds.
const NAME = /^(?!-)[\w-]{1,63}(?<!-)(\.(?!-)[\w-]{1,63}(?<!-))*\.?$/

// Whom to trust by default is then written in OpenSSL's files, and only OpenSSL knows them.
const TRUSTS_OPENSSL = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].some((text) => /(^|\s)--use-openssl-ca(\s|$)/.test(text))

// Options of tls.connect that the engine follows, or that change nothing where HTTP/1.1 is all that is offered.
const KNOWN = new Set([
  'ca', 'cert', 'key', 'passphrase', 'pfx', 'servername', 'rejectUnauthorized', 'minVersion', 'maxVersion', 'ciphers',
  'maxCachedSessions', 'ALPNProtocols', 'allowH2', 'preferH2', 'honorCipherOrder', 'requestCert', 'highWaterMark'
])

// What Node trusts by default: the list that it came from, and what the engine made of it.
let standard = { certificates: null, trust: null }
let hasWarned = false

/** Whether the engine knows this option of tls.connect. */
function isKnown (name) {
  return KNOWN.has(name)
}

/**
 * @param {object} options those of tls.connect that {@link isKnown} admits
 * @param {string} name whom the certificate of a server must speak for
 * @returns {TlsContext|null} null: the engine cannot do that, or not read what it was given
 */
function contextOf (options, name) {
  try {
    const versions = versionsOf(options)
    const suites = suitesOf(options)
    // An address as the name that is sent (RFC 6066 section 3) is ignored by some releases of Node, and refused by others.
    const isOdd = !isName(name) || isIP(options.servername ?? '') !== 0
    if (versions === null || suites === null || isOdd || (options.ca == null && TRUSTS_OPENSSL)) {
      return null
    }
    return new TlsContext(trustOf(options.ca), {
      verifies: verifies(options),
      identities: identitiesOf(options),
      alpn: ['http/1.1'],
      tls12: versions.tls12 && (suites.length === 0 || !suites.every(isOfTls13)),
      tls13: versions.tls13,
      cipherSuites: suites.length === 0 ? undefined : suites,
      cachedSessions: options.maxCachedSessions ?? DEFAULT_CACHED_SESSIONS
    })
  } catch {
    // Node's tls makes the same of it, or says in its own words what is wrong.
    return null
  }
}

function isName (name) {
  return isIP(name) !== 0 || (name.length <= 253 && NAME.test(name))
}

function versionsOf ({ minVersion, maxVersion }) {
  const tls = require('node:tls')
  const order = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']
  const least = order.indexOf(minVersion ?? tls.DEFAULT_MIN_VERSION)
  const most = order.indexOf(maxVersion ?? tls.DEFAULT_MAX_VERSION)
  return least < 2 || most < least ? null : { tls12: least === 2, tls13: most === 3 }
}

function isOfTls13 (suite) {
  return suite.startsWith('TLS13')
}

// The registry's names, none for all that there are; null where one is asked for that the engine does not have.
// Who names none of TLS 1.3 has all of them, as in OpenSSL.
function suitesOf ({ ciphers }) {
  const wanted = ciphers ?? require('node:tls').DEFAULT_CIPHERS
  // Node's own list; what `--tls-cipher-list` puts in its place is a wish like `ciphers`.
  if (wanted === constants.defaultCoreCipherList) {
    return []
  }
  const names = wanted.split(':').map((name) => SUITES.get(name))
  if (names.includes(undefined)) {
    return null
  }
  return names.some(isOfTls13) ? names : [...SUITES.values()].filter(isOfTls13).concat(names)
}

// Each option alone or in a list; of two with the same kind of key PKCS #12 wins, as in Node. What does not fit together
// is Node's to judge.
function identitiesOf ({ cert, key, passphrase, pfx }) {
  const keys = listOf(key).map((one) => createPrivateKey({ key: one.pem ?? one, passphrase: one.passphrase ?? passphrase }))
  const certificates = listOf(cert)
  const kinds = new Set(keys.map((one) => one.asymmetricKeyType))
  if (keys.length !== certificates.length || keys.length !== kinds.size) {
    throw new TypeError('not a key for each certificate')
  }
  const bundles = Array.isArray(pfx) || pfx == null ? pfx ?? [] : [{ buf: pfx }]
  return [
    ...certificates.map((one) => identityOf(one, keys)),
    ...bundles.map((one) => ({ pfx: octetsOf(one.buf || one), passphrase: octetsOf(one.passphrase || passphrase || '') }))
  ]
}

function identityOf (certificates, keys) {
  const key = keys.length === 1 ? keys[0] : keys.find((one) => new X509Certificate(certificates).checkPrivateKey(one))
  return { certificates: octetsOf(certificates), key: Buffer.from(key.export({ type: 'pkcs8', format: 'pem' })) }
}

function listOf (value) {
  return value == null ? [] : Array.isArray(value) ? value : [value]
}

function octetsOf (value) {
  return ArrayBuffer.isView(value) ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : Buffer.from(value)
}

function trustOf (ca) {
  if (ca != null) {
    return new Trust((Array.isArray(ca) ? ca : [ca]).map((text) => Buffer.from(text)))
  }
  const certificates = standardCertificates()
  if (standard.certificates !== certificates) {
    standard = { certificates, trust: new Trust(certificates.map((text) => Buffer.from(text))) }
  }
  return standard.trust
}

// The same array as long as nothing changes.
function standardCertificates () {
  const tls = require('node:tls')
  if (typeof tls.getCACertificates === 'function') {
    return tls.getCACertificates('default')
  }
  return standard.certificates ?? [...tls.rootCertificates, ...extraCertificates()]
}

function extraCertificates () {
  const path = process.env.NODE_EXTRA_CA_CERTS
  try {
    return path ? [readFileSync(path)] : []
  } catch {
    // Node has warned of it.
    return []
  }
}

// As tls.connect has it: an option that is there wins over the environment, even where it is undefined.
function verifies (options) {
  if ('rejectUnauthorized' in options) {
    return options.rejectUnauthorized !== false
  }
  if (process.env.NODE_TLS_REJECT_UNAUTHORIZED !== '0') {
    return true
  }
  if (!hasWarned) {
    hasWarned = true
    // Node's words: who filters its warning filters this one.
    process.emitWarning('Setting the NODE_TLS_REJECT_UNAUTHORIZED environment variable to \'0\' makes TLS connections ' +
      'and HTTPS requests insecure by disabling certificate verification.')
  }
  return false
}

module.exports = { contextOf, isKnown }
