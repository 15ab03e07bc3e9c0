'use strict'

// What the engine says of TLS, as the errors that Node's own tls makes: its codes, and OpenSSL's words.

const { X509Certificate } = require('node:crypto')
const layout = require('./layout')

const CERTIFICATE_MESSAGES = {
  CERT_HAS_EXPIRED: 'certificate has expired',
  CERT_NOT_YET_VALID: 'certificate is not yet valid',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'self-signed certificate',
  SELF_SIGNED_CERT_IN_CHAIN: 'self-signed certificate in certificate chain',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'unable to verify the first certificate',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'unable to get local issuer certificate',
  UNABLE_TO_GET_ISSUER_CERT: 'unable to get issuer certificate',
  CERT_REJECTED: 'certificate rejected'
}

// Since 24 Node has an advice where an authority may be missing.
const ADVICE = Number(process.versions.node.split('.')[0]) >= 24
  ? '; if the root CA is installed locally, try running Node.js with --use-system-ca'
  : ''
const ADVISED = new Set(['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_GET_ISSUER_CERT'])

// OpenSSL's reasons for an alert by its number (RFC 8446 section 6); `3` stands for what it calls SSLv3's.
const ALERTS = {
  10: '3 alert unexpected message',
  20: '3 alert bad record mac',
  21: 'tlsv1 alert decryption failed',
  22: 'tlsv1 alert record overflow',
  40: '3 alert handshake failure',
  42: '3 alert bad certificate',
  43: '3 alert unsupported certificate',
  44: '3 alert certificate revoked',
  45: '3 alert certificate expired',
  46: '3 alert certificate unknown',
  47: '3 alert illegal parameter',
  48: 'tlsv1 alert unknown ca',
  49: 'tlsv1 alert access denied',
  50: 'tlsv1 alert decode error',
  51: 'tlsv1 alert decrypt error',
  70: 'tlsv1 alert protocol version',
  71: 'tlsv1 alert insufficient security',
  80: 'tlsv1 alert internal error',
  86: 'tlsv1 alert inappropriate fallback',
  90: 'tlsv1 alert user cancelled',
  100: 'tlsv1 alert no renegotiation',
  109: 'tlsv13 alert missing extension',
  110: 'tlsv1 unsupported extension',
  112: 'tlsv1 unrecognized name',
  116: 'tlsv13 alert certificate required',
  120: 'tlsv1 alert no application protocol'
}

const REASONS = {
  [layout.TLS_NOT_TLS]: 'wrong version number',
  [layout.TLS_BAD_RECORD]: 'decryption failed or bad record mac',
  [layout.TLS_INCOMPATIBLE]: 'unsupported protocol',
  [layout.TLS_HANDSHAKE]: 'bad handshake'
}

/**
 * @param {string} code Node's
 * @param {Buffer} certificate the peer's own, as DER
 * @param {string} name whom it should have spoken for
 */
function certificateError (code, certificate, name) {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const shown = new X509Certificate(certificate).toLegacyObject()
    const error = require('node:tls').checkServerIdentity(name, shown)
    if (error !== undefined) {
      return error
    }
  }
  const error = new Error(`${CERTIFICATE_MESSAGES[code] ?? code}${ADVISED.has(code) ? ADVICE : ''}`)
  error.code = code
  return error
}

/** @param {number} fault one of the layout's `TLS_*` */
function tlsError (fault, { host, port, localAddress }) {
  if (fault === layout.TLS_ENDED_EARLY) {
    const error = new Error('Client network socket disconnected before secure TLS connection was established')
    return Object.assign(error, { code: 'ECONNRESET', path: undefined, host, port, localAddress })
  }
  if (fault === layout.TLS_SERVER_NAME) {
    const error = new TypeError(`The server name is invalid: ${host}`)
    return Object.assign(error, { code: 'ERR_INVALID_ARG_VALUE' })
  }
  const number = fault - layout.TLS_ALERT
  const reason = number < 0 ? REASONS[fault] : alertReason(number)
  const error = new Error(`SSL routines:${reason}${number < 0 ? '' : `:SSL alert number ${number}`}`)
  return Object.assign(error, {
    code: `ERR_SSL_${reason.replaceAll(' ', '_').toUpperCase()}`,
    library: 'SSL routines',
    reason
  })
}

function alertReason (number) {
  const reason = ALERTS[number] ?? `reason(${1000 + number})`
  return reason.replace(/^3/, isNewOpenSsl() ? 'ssl/tls' : 'sslv3')
}

// Since 3.2 OpenSSL no longer speaks of SSLv3.
function isNewOpenSsl () {
  const [major, minor] = process.versions.openssl.split('.').map(Number)
  return major > 3 || (major === 3 && minor >= 2)
}

module.exports = { certificateError, tlsError }
