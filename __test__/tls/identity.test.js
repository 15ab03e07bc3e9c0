'use strict'

// Who a client is, in all the forms of \`cert\`, \`key\` and \`pfx\`: by the engine where it can read them, and what it cannot
// read Node's own tls judges.

const { test } = require('node:test')
const assert = require('node:assert/strict')
const { contextOf } = require('../../lib/native/security')
const { bundled, certificates, encrypted, written } = require('./certificates')
const { both, clientOf, get, serve } = require('./server')

const { client, root, stranger } = certificates
const PASSPHRASE = 'open sesame'
const RSA = 'a client with RSA'
const EC = 'a client with EC'

/** An HTTPS server that answers with the name in the client's certificate. */
const telling = (t, options) => serve(t, { requestCert: true, rejectUnauthorized: false, ...options }, ({ socket }, response) => {
  response.end(String(socket.getPeerCertificate().subject?.CN))
})

const rsa = written('modern')
const ec = written('elliptic')
const view = (octets) => new DataView(Uint8Array.from(octets).buffer)

// What is given, and the name that the server sees. By the engine, all of them.
const FORMS = [
  ['pfx of today', { pfx: rsa, passphrase: PASSPHRASE }, RSA],
  ['pfx with an elliptic curve', { pfx: ec, passphrase: PASSPHRASE }, EC],
  ['pfx with 3DES', { pfx: written('triple-des'), passphrase: PASSPHRASE }, RSA],
  ['pfx of another writer', { pfx: bundled(client, PASSPHRASE), passphrase: PASSPHRASE }, 'a client'],
  ['pfx as a DataView', { pfx: view(rsa), passphrase: Buffer.from(PASSPHRASE) }, RSA],
  ['pfx in a list', { pfx: [rsa], passphrase: PASSPHRASE }, RSA],
  ['pfx in a list with its passphrase', { pfx: [{ buf: rsa, passphrase: PASSPHRASE }], passphrase: 'another' }, RSA],
  ['pfx in a list without its own', { pfx: [{ buf: rsa }], passphrase: PASSPHRASE }, RSA],
  ['two pfx of which the last counts', { pfx: [rsa, { buf: bundled(client, 'x'), passphrase: 'x' }], passphrase: PASSPHRASE }, 'a client'],
  ['pfx behind cert and key', { cert: client.cert, key: client.key, pfx: rsa, passphrase: PASSPHRASE }, RSA],
  ['cert and key beside pfx of another kind', { cert: client.cert, key: client.key, pfx: ec, passphrase: PASSPHRASE }, EC, 'ECDSA+SHA256:RSA-PSS+SHA256'],
  ['pfx with the root of the server', { ca: stranger.cert, pfx: bundled(client, PASSPHRASE, [root.cert]), passphrase: PASSPHRASE }, 'a client'],
  ['an empty list', { pfx: [] }, 'undefined'],
  ['a key that PKCS #8 encrypts', { cert: client.cert, key: encrypted(client.key, PASSPHRASE), passphrase: PASSPHRASE }, 'a client'],
  ['a key that OpenSSL has encrypted of old', { cert: client.cert, key: encrypted(client.key, PASSPHRASE, 'pkcs1'), passphrase: PASSPHRASE }, 'a client'],
  ['a key with its passphrase', { cert: [client.cert], key: [{ pem: encrypted(client.key, PASSPHRASE), passphrase: PASSPHRASE }] }, 'a client']
]

for (const [name, connect, expected, sigalgs] of FORMS) {
  test(`${name}: the server sees ${expected}`, async (t) => {
    assert.notEqual(contextOf({ ca: root.cert, ...connect }, 'localhost'), null, 'the engine does it')
    const { origin } = await telling(t, { sigalgs })
    assert.deepEqual(await both(t, origin, connect), { dodici: { value: expected }, reference: { value: expected } })
  })
}

test('pfx of OpenSSL 1, which OpenSSL 3 only reads where it is told to', async (t) => {
  const { origin } = await telling(t)
  assert.equal(await get(clientOf(t, origin, { pfx: written('legacy'), passphrase: PASSPHRASE })), RSA)
})

// What only Node can read or refuse, and what comes of it: the name that the server sees, or a part of the error's message.
const JUDGED = [
  ['a wrong passphrase', { pfx: rsa, passphrase: 'sesame' }, 'mac verify failure'],
  ['no passphrase', { pfx: rsa }, 'mac verify failure'],
  ['what is no PKCS #12', { pfx: Buffer.from([0x30, 0x10, 0]) }, 'not enough data'],
  ['a file that is cut', { pfx: rsa.subarray(0, -1), passphrase: PASSPHRASE }, 'not enough data'],
  ['a file without a sum', { pfx: written('without-mac'), passphrase: PASSPHRASE }, undefined],
  ['an object', { pfx: { buf: rsa, passphrase: PASSPHRASE } }, undefined],
  ['no key', { pfx: written('certificates-alone'), passphrase: PASSPHRASE }, undefined],
  ['no certificate', { pfx: written('key-alone'), passphrase: PASSPHRASE }, undefined],
  ['one good and one bad', { pfx: [rsa, Buffer.from([0x30, 0x10, 0])], passphrase: PASSPHRASE }, 'not enough data'],
  ['a key without a certificate', { key: client.key }, undefined],
  ['two keys for one certificate', { cert: client.cert, key: [client.key, root.key] }, undefined]
]

for (const [name, connect, message] of JUDGED) {
  test(`${name} is Node's to judge`, async (t) => {
    assert.equal(contextOf({ ca: root.cert, ...connect }, 'localhost'), null)
    const { origin } = await telling(t)
    const { dodici, reference } = await both(t, origin, connect)
    assert.deepEqual(dodici, reference)
    if (message !== undefined) {
      assert.match(dodici.message ?? dodici.reason, new RegExp(message))
    }
  })
}
