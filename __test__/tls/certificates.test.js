'use strict'

// What is said of the certificates of servers: the same as by undici, which has it from Node's tls.

const { test } = require('node:test')
const assert = require('node:assert/strict')
const { checkServerIdentity } = require('node:tls')
const { certificates, HOST } = require('./certificates')
const { both, clientOf, get, serve } = require('./server')

/** Both packages say the same, and `code` is the error's, or undefined where the answer comes. */
async function agree (t, { origin, port }, { connect, host = HOST, code }) {
  const said = await both(t, origin.replace(HOST, host.includes(':') ? `[${host}]` : host), connect)
  assert.deepEqual(said.dodici, said.reference)
  assert.equal(said.dodici.code, code, JSON.stringify(said.dodici))
  if (code === undefined) {
    assert.equal(said.dodici.value, 'fine')
  }
}

const OTHER_NAME = 'ERR_TLS_CERT_ALTNAME_INVALID'
const ADDRESS = '127.0.0.1'

// Certificate, what is remarkable of the request, and the code of the error.
const CASES = [
  ['good', {}],
  ['good', { host: ADDRESS }],
  ['good', { connect: { ca: undefined }, code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }],
  ['expired', { code: 'CERT_HAS_EXPIRED' }],
  ['notYetValid', { code: 'CERT_NOT_YET_VALID' }],
  ['otherHost', { code: OTHER_NAME }],
  ['otherHost', { host: ADDRESS, code: OTHER_NAME }],
  ['otherHost', { connect: { servername: 'other.example' } }],
  ['otherHost', { connect: { servername: 'OTHER.example' } }],
  ['good', { connect: { servername: 'other.example' }, code: OTHER_NAME }],
  ['good', { connect: { servername: 'no name' }, code: OTHER_NAME }],
  ['commonNameOnly', {}],
  ['commonNameOnly', { host: ADDRESS, code: OTHER_NAME }],
  ['otherCommonNameOnly', { code: OTHER_NAME }],
  ['wildcard', { connect: { servername: 'a.example.com' } }],
  ['wildcard', { connect: { servername: 'a.b.example.com' }, code: OTHER_NAME }],
  ['wildcard', { connect: { servername: 'example.com' }, code: OTHER_NAME }],
  ['unknownIssuer', { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }],
  ['unknownIssuer', { connect: { ca: certificates.stranger.cert } }],
  ['selfSigned', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }],
  ['selfSigned', { connect: { ca: certificates.selfSigned.cert } }],
  ['selfSigned', { connect: { ca: certificates.selfSigned.cert }, host: '127.0.0.1' }],
  ['selfSignedAuthority', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }],
  ['selfSignedAuthority', { connect: { ca: certificates.selfSignedAuthority.cert } }],
  ['selfSignedExpired', { code: 'CERT_HAS_EXPIRED' }],
  ['selfSignedExpired', { connect: { ca: certificates.selfSignedExpired.cert }, code: 'CERT_HAS_EXPIRED' }],
  ['forClients', { code: 'INVALID_PURPOSE' }],
  ['forClients', { connect: { ca: undefined }, code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }],
  ['good', { connect: { ca: certificates.good.cert }, code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }],
  ['underIntermediate', { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }],
  ['underIntermediate', { connect: { ca: [certificates.root.cert, certificates.intermediate.cert] } }]
]

for (const [name, { connect, host, code }] of CASES) {
  const where = [host, ...Object.keys(connect ?? {})].filter(Boolean).join(', ')
  test(`${name}${where && ` (${where})`}: ${code ?? 'the answer'}`, async (t) => {
    const { cert, key } = certificates[name]
    await agree(t, await serve(t, { cert, key }), { connect, host, code })
  })
}

for (const name of ['expired', 'otherHost', 'unknownIssuer', 'selfSigned', 'forClients']) {
  test(`${name} is good enough with rejectUnauthorized: false`, async (t) => {
    const { cert, key } = certificates[name]
    await agree(t, await serve(t, { cert, key }), { connect: { rejectUnauthorized: false } })
  })
}

test('an address of version 6 is a name of the certificate', { skip: !hasVersion6() && 'no ::1 here' }, async (t) => {
  const server = await serve(t)
  server.server.close()
  server.server.listen(server.port, '::1')
  await new Promise((resolve) => server.server.once('listening', resolve))
  if (knowsVersion6()) {
    await agree(t, server, { host: '::1' })
  } else {
    const { dodici } = await both(t, server.origin.replace(HOST, '[::1]'))
    assert.equal(dodici.value, 'fine')
  }
})

// Node.js 22.23 compares the words of such an address, and those of a certificate are written at length.
function knowsVersion6 () {
  return checkServerIdentity('::1', { subject: {}, subjectaltname: 'IP Address:0:0:0:0:0:0:0:1' }) === undefined
}

function hasVersion6 () {
  return Object.values(require('node:os').networkInterfaces()).flat().some(({ address }) => address === '::1')
}

// --- chains

const { underIntermediate, intermediate, root, stranger } = certificates

test('a chain up to the root that is trusted', async (t) => {
  const server = await serve(t, { cert: underIntermediate.cert + intermediate.cert, key: underIntermediate.key })
  await agree(t, server, {})
})

test('a chain whose root nobody trusts', async (t) => {
  const server = await serve(t, { cert: underIntermediate.cert + intermediate.cert, key: underIntermediate.key })
  await agree(t, server, { connect: { ca: stranger.cert }, code: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY' })
})

test('a chain that shows its root, which nobody trusts', async (t) => {
  const server = await serve(t, { cert: underIntermediate.cert + intermediate.cert + root.cert, key: underIntermediate.key })
  await agree(t, server, { connect: { ca: stranger.cert }, code: 'SELF_SIGNED_CERT_IN_CHAIN' })
})

test('one of a chain that is trusted without its root is no root', async (t) => {
  const server = await serve(t, { cert: underIntermediate.cert + intermediate.cert, key: underIntermediate.key })
  await agree(t, server, { connect: { ca: intermediate.cert }, code: 'UNABLE_TO_GET_ISSUER_CERT' })
  await agree(t, server, { connect: { ca: underIntermediate.cert }, code: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY' })
})

// --- whom the certificate must speak for

test('the host field, and the servername of a request, is whom the certificate must speak for', async (t) => {
  const { cert, key } = certificates.wildcard
  const { port } = await serve(t, { cert, key })
  for (const options of [{ headers: { host: 'a.example.com' } }, { servername: 'a.example.com' }]) {
    const said = await both(t, `https://127.0.0.1:${port}`, {}, {}, options)
    assert.deepEqual(said.dodici, said.reference)
    assert.equal(said.dodici.value, 'fine')
  }
})

test('a certificate is refused under the name that the request asked for', async (t) => {
  const { origin } = await serve(t)
  const said = await both(t, origin, {}, {}, { headers: { host: 'other.example' } })
  assert.deepEqual(said.dodici, said.reference)
  assert.equal(said.dodici.code, OTHER_NAME)
})

test('a server with none but suites of the past is reached by Node.js\'s own tls', async (t) => {
  const { cert, key } = certificates.good
  await agree(t, await serve(t, { cert, key, ciphers: 'AES128-SHA', maxVersion: 'TLSv1.2' }), {})
})

// --- the forms of `ca`

const FORMS = {
  'a string': root.cert,
  'a Buffer': Buffer.from(root.cert),
  'a DataView': new DataView(Uint8Array.from(Buffer.from(root.cert)).buffer),
  'an array': [stranger.cert, Buffer.from(root.cert)],
  'several in one text': `a comment\n${stranger.cert}\n${root.cert}`
}

for (const [form, ca] of Object.entries(FORMS)) {
  test(`ca as ${form}`, async (t) => {
    await agree(t, await serve(t), { connect: { ca } })
  })
}

test('an empty list trusts nobody', async (t) => {
  await agree(t, await serve(t), { connect: { ca: [] }, code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
})

test('a text without a certificate trusts nobody', async (t) => {
  await agree(t, await serve(t), { connect: { ca: 'none' }, code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
})

test('a refused certificate is told to `connectionError` before anything is sent', async (t) => {
  const { cert, key } = certificates.selfSigned
  let requests = 0
  const { origin } = await serve(t, { cert, key }, () => requests++)
  const client = clientOf(t, origin)
  const heard = new Promise((resolve) => client.once('connectionError', (url, targets, error) => resolve(error)))
  const failure = await get(client).catch((error) => error)
  assert.equal((await heard).code, failure.code)
  assert.equal(requests, 0)
})
