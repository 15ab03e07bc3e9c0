'use strict'

// Certificates for the servers of the tests, made in process: an authority, an intermediate, and leaves good and bad.
// Each is made when it is first asked for. Keys and signatures come from node:crypto, which is much faster than
// node-forge; that writes what they are for.

const { createPrivateKey, generateKeyPairSync, sign } = require('node:crypto')
const { readFileSync } = require('node:fs')
const path = require('node:path')
const forge = require('node-forge')

const DAY = 24 * 60 * 60 * 1000
const HOST = 'localhost'
const ALTERNATIVE_NAMES = [HOST, '127.0.0.1', '::1']

let lastSerial = 0

/** A pair of keys: the public one for node-forge, the private one as PEM. */
function makeKey (modulusLength = 2048) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' }
  })
  return { pem: privateKey, public: forge.pki.publicKeyFromPem(publicKey) }
}

function alternativeName (name) {
  return /^[\d.]+$|:/.test(name) ? { type: 7, ip: name } : { type: 2, value: name }
}

/**
 * Makes a certificate.
 *
 * @param {object} options
 * @param {string} options.name the common name
 * @param {object|null} options.issuer who signs it, another result of this function; null: itself
 * @param {string[]} options.names the alternative names; empty: no such extension
 * @param {number} options.from when it begins to be valid, in days from now
 * @param {number} options.to when it ends to be valid, in days from now
 * @param {boolean} options.isAuthority whether it may sign others
 * @param {string|null} options.use an extended key usage: serverAuth or clientAuth; null: no such extension
 * @param {object} options.constraints what stands in its basic constraints besides; null: no such extension
 * @param {object[]} options.more other extensions
 * @param {string} options.digest what is signed
 * @param {boolean} options.isVersion1 X.509 of 1988, without extensions
 * @returns {{ cert: string, key: string, subject: object[], pair: object }} PEM, and what the next one needs
 */
function certificate ({
  name, issuer, names = [], from = -1, to = 30, isAuthority = false, use = isAuthority ? null : 'serverAuth', constraints = {}, more = [],
  digest = 'sha256', isVersion1 = false, pair = made.leafKey
}) {
  const made = forge.pki.createCertificate()
  const subject = [{ name: 'commonName', value: name }]
  made.publicKey = pair.public
  made.serialNumber = (0x10000000 + ++lastSerial).toString(16)
  made.validity.notBefore = new Date(Date.now() + from * DAY)
  made.validity.notAfter = new Date(Date.now() + to * DAY)
  made.setSubject(subject)
  made.setIssuer(issuer === null ? subject : issuer.subject)
  made.setExtensions(isVersion1
    ? []
    : [
        ...constraints === null ? [] : [{ name: 'basicConstraints', cA: isAuthority, critical: true, ...constraints }],
        ...use === null ? [] : [{ name: 'extKeyUsage', [use]: true }],
        { name: 'subjectKeyIdentifier' },
        ...names.length > 0 ? [{ name: 'subjectAltName', altNames: names.map(alternativeName) }] : [],
        ...more
      ])
  const signer = issuer === null ? pair : issuer.pair
  made.sign({
    sign () {
      // The version of old is the one that is not said.
      if (isVersion1) made.tbsCertificate.value.shift()
      return sign(digest, Buffer.from(forge.asn1.toDer(made.tbsCertificate).getBytes(), 'latin1'), signer.pem).latin1Slice()
    }
  }, forge.md[digest].create())
  return { cert: forge.pki.certificateToPem(made), key: pair.pem, subject, pair }
}

function authority (name, issuer = null, options = {}) {
  return certificate({ name, issuer, isAuthority: true, ...options, pair: options.pair ?? makeKey() })
}

const MAKERS = {
  leafKey: makeKey,
  root: () => authority('A root'),
  stranger: () => authority('A root that nobody knows'),
  intermediate: () => authority('An intermediate', made.root),

  good: () => certificate({ name: HOST, issuer: made.root, names: ALTERNATIVE_NAMES }),
  expired: () => certificate({ name: HOST, issuer: made.root, names: ALTERNATIVE_NAMES, from: -30, to: -1 }),
  notYetValid: () => certificate({ name: HOST, issuer: made.root, names: ALTERNATIVE_NAMES, from: 1 }),
  otherHost: () => certificate({ name: 'other.example', issuer: made.root, names: ['other.example', '192.0.2.1'] }),
  wildcard: () => certificate({ name: 'wild', issuer: made.root, names: ['*.example.com', '*.a.example.org'] }),
  commonNameOnly: () => certificate({ name: HOST, issuer: made.root }),
  otherCommonNameOnly: () => certificate({ name: 'other.example', issuer: made.root }),
  unknownIssuer: () => certificate({ name: HOST, issuer: made.stranger, names: ALTERNATIVE_NAMES }),
  forClients: () => certificate({ name: HOST, issuer: made.root, names: ALTERNATIVE_NAMES, use: 'clientAuth' }),
  selfSigned: () => certificate({ name: HOST, issuer: null, names: ALTERNATIVE_NAMES }),
  selfSignedAuthority: () => certificate({ name: HOST, issuer: null, names: ALTERNATIVE_NAMES, isAuthority: true }),
  selfSignedExpired: () => certificate({ name: HOST, issuer: null, names: ALTERNATIVE_NAMES, from: -30, to: -1 }),
  underIntermediate: () => certificate({ name: HOST, issuer: made.intermediate, names: ALTERNATIVE_NAMES }),
  client: () => certificate({ name: 'a client', issuer: made.root, use: 'clientAuth' }),
  strangeClient: () => certificate({ name: 'a client', issuer: made.stranger, use: 'clientAuth' })
}

/** The certificates by their names, each as `{ cert, key }` in PEM. */
const made = {}
for (const [name, make] of Object.entries(MAKERS)) {
  Object.defineProperty(made, name, {
    configurable: true,
    enumerable: true,
    get () {
      const value = make()
      Object.defineProperty(made, name, { value, enumerable: true })
      return value
    }
  })
}

/** A private key as PEM that is encrypted with `passphrase`: PKCS #8, or as OpenSSL wrote it of old ('pkcs1'). */
function encrypted (key, passphrase, type = 'pkcs8') {
  return createPrivateKey(key).export({ type, format: 'pem', cipher: 'aes-256-cbc', passphrase })
}

/** A certificate and its key as one PKCS #12 file, with `others` behind them. */
function bundled ({ cert, key }, passphrase, others = []) {
  const chain = [cert, ...others].map((pem) => forge.pki.certificateFromPem(pem))
  const asn1 = forge.pkcs12.toPkcs12Asn1(forge.pki.privateKeyFromPem(key), chain, passphrase, { algorithm: '3des' })
  return Buffer.from(forge.asn1.toDer(asn1).getBytes(), 'latin1')
}

/** A PKCS #12 file that OpenSSL has written, by its name; its passphrase is `open sesame`. */
function written (name) {
  return readFileSync(path.join(__dirname, '../../engine/tests/pkcs12', `${name}.p12`))
}

module.exports = { certificates: made, authority, certificate, makeKey, encrypted, bundled, written, HOST }
