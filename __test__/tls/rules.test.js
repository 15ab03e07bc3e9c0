'use strict'

// Chains at the edge of the rules (RFC 5280): what OpenSSL takes is taken, and what it refuses is refused, with its words. The
// engine decides what it can, and leaves to Node's own tls what it cannot.

const { test } = require('node:test')
const assert = require('node:assert/strict')
const { authority, certificate, certificates, makeKey, HOST } = require('./certificates')
const { both, serve } = require('./server')

const { root } = certificates
const NAMES = [HOST, '127.0.0.1']
const OTHER_NAME = 'ERR_TLS_CERT_ALTNAME_INVALID'

// Keys take long to make: one for all roots, one for all that stand between, and one that is weak.
const rootKey = makeKey()
const betweenKey = makeKey()
const weakKey = makeKey(1024)

/** A leaf for our host under \`issuer\`, or under itself. */
const leaf = (issuer, options) => certificate({ name: HOST, issuer, names: NAMES, ...options })

const keyUsage = (...uses) => ({ more: [{ name: 'keyUsage', critical: true, ...Object.fromEntries(uses.map((use) => [use, true])) }] })
const unknown = (critical) => ({ more: [{ id: '1.3.6.1.4.1.99999.1', critical, value: '\x05\x00' }] })
/** Names below \`domain\` alone. */
const permits = (domain) => {
  const name = `\x82${String.fromCharCode(domain.length)}${domain}`
  const wrapped = [0x30, 0xa0, 0x30].reduce((inner, tag) => String.fromCharCode(tag, inner.length) + inner, name)
  return { more: [{ id: '2.5.29.30', critical: true, value: wrapped }] }
}

/** An authority, alone in \`ca\`, and a leaf of its; or an intermediate one that the server shows as well. */
const under = (options, leafOptions) => {
  const issuer = authority('An authority', null, { pair: rootKey, ...options })
  return { shown: [leaf(issuer, leafOptions)], ca: issuer.cert }
}
const through = (options, leafOptions) => {
  const issuer = authority('Between', root, { pair: betweenKey, ...options })
  return { shown: [leaf(issuer, leafOptions), issuer], ca: root.cert }
}
const alone = (options) => {
  const itself = leaf(null, options)
  return { shown: [itself], ca: itself.cert }
}
const plain = (options) => ({ shown: [leaf(root, options)], ca: root.cert })

/** A path of three authorities below \`options\`. */
const deep = (options) => {
  const top = authority('Top', null, { pair: rootKey, ...options })
  const middle = authority('Middle', top, { pair: betweenKey })
  const last = authority('Last', middle, { pair: betweenKey })
  return { shown: [leaf(last), last, middle], ca: top.cert }
}

/** Two authorities of one name and key, of which one is over. */
const renewed = (orders) => {
  const [old, young] = [[-30, -1], [-1, 30]].map(([from, to]) => authority('A renewed root', null, { pair: rootKey, from, to }))
  return { shown: [leaf(young)], ca: orders(old.cert, young.cert) }
}

const CASES = {
  // --- the leaf
  'a leaf for signatures': () => plain(keyUsage('digitalSignature')),
  'a leaf for key encipherment alone': () => plain(keyUsage('keyEncipherment')),
  'a leaf for no use in TLS': () => plain(keyUsage('cRLSign')),
  'a leaf without an extended use': () => plain({ use: null }),
  'an authority as the leaf': () => plain({ isAuthority: true }),
  'a leaf with an unknown extension': () => plain(unknown(false)),
  'a leaf with an unknown critical extension': () => plain(unknown(true)),
  'a leaf of version 1': () => plain({ isVersion1: true }),
  'a leaf with a key of 1024 bits': () => plain({ pair: weakKey }),
  'a leaf signed with SHA-1': () => plain({ digest: 'sha1' }),
  'a leaf signed with SHA-512': () => plain({ digest: 'sha512' }),
  // --- one that vouches for itself and is trusted
  'itself, for signatures alone': () => alone(keyUsage('digitalSignature')),
  'itself, for no use in TLS': () => alone(keyUsage('cRLSign')),
  'itself, for clients': () => alone({ use: 'clientAuth' }),
  'itself, an authority': () => alone({ isAuthority: true }),
  'itself, an authority for certificates alone': () => alone({ isAuthority: true, ...keyUsage('keyCertSign') }),
  'itself, of version 1': () => alone({ isVersion1: true }),
  'itself, with an unknown critical extension': () => alone(unknown(true)),
  'itself, with a key of 1024 bits': () => alone({ pair: weakKey }),
  'itself, signed with SHA-1': () => alone({ digest: 'sha1' }),
  // --- the root
  'a root that is over': () => under({ from: -30, to: -1 }),
  'a root whose time has not come': () => under({ from: 1, to: 30 }),
  'a root that is over, and another of the same key': () => renewed((old, young) => [old, young]),
  'a root, and one of the same key that is over': () => renewed((old, young) => [young, old]),
  'a root that is no authority': () => under({ isAuthority: false, use: null }),
  'a root without constraints': () => under({ constraints: null }),
  'a root of version 1': () => under({ isVersion1: true }),
  'a root that signs certificates': () => under(keyUsage('keyCertSign')),
  'a root that signs no certificates': () => under(keyUsage('cRLSign')),
  'a root for clients': () => under({ use: 'clientAuth' }),
  'a root for servers': () => under({ use: 'serverAuth' }),
  'a root with a key of 1024 bits': () => under({ pair: weakKey }),
  'a root with an unknown critical extension': () => under(unknown(true)),
  'a root for paths of no length': () => under({ constraints: { pathLenConstraint: 0 } }),
  'a root for paths of one, with two between': () => deep({ constraints: { pathLenConstraint: 1 } }),
  'a root for paths of two, with two between': () => deep({ constraints: { pathLenConstraint: 2 } }),
  'a root for other names': () => under(permits('example.com')),
  'a root for our name': () => under(permits(HOST), { names: [HOST] }),
  'a root for other names, over a common name': () => under(permits('example.com'), { names: [] }),
  'a root for our name, over a common name': () => under(permits(HOST), { names: [] }),
  'a root whose name another has': () => ({ shown: [leaf(root)], ca: authority('A root', null, { pair: rootKey }).cert }),
  // --- between
  'an intermediate that is over': () => through({ from: -30, to: -1 }),
  'an intermediate that is no authority': () => through({ isAuthority: false, use: null }),
  'an intermediate without constraints': () => through({ constraints: null }),
  'an intermediate without constraints that signs certificates': () => through({ constraints: null, ...keyUsage('keyCertSign') }),
  'an intermediate of version 1': () => through({ isVersion1: true }),
  'an intermediate that signs no certificates': () => through(keyUsage('digitalSignature')),
  'an intermediate for clients': () => through({ use: 'clientAuth' }),
  'an intermediate with a key of 1024 bits': () => through({ pair: weakKey }),
  'an intermediate signed with SHA-1': () => through({ digest: 'sha1' }),
  'an intermediate with an unknown critical extension': () => through(unknown(true)),
  'an intermediate for other names': () => through(permits('example.com')),
  'an intermediate for other names, over a common name': () => through(permits('example.com'), { names: [] }),
  'an intermediate below one for paths of no length': () => {
    const top = authority('Of no length', root, { constraints: { pathLenConstraint: 0 }, pair: betweenKey })
    const last = authority('Below', top, { pair: betweenKey })
    return { shown: [leaf(last), last, top], ca: root.cert }
  },
  'a leaf that has signed another': () => {
    const signer = leaf(root, { name: 'no authority', pair: betweenKey })
    return { shown: [leaf(signer), signer], ca: root.cert }
  },
  'a leaf that vouches for itself, is trusted, and has signed another': () => {
    const signer = leaf(null, { name: 'no authority', pair: betweenKey })
    return { shown: [leaf(signer)], ca: signer.cert }
  }
}

for (const [name, make] of Object.entries(CASES)) {
  test(name, async (t) => {
    const { shown, ca } = make()
    // Of the server nothing is asked: it shows what it has.
    const { origin } = await serve(t, { cert: shown.map(({ cert }) => cert).join(''), key: shown[0].key, ciphers: 'DEFAULT@SECLEVEL=0' })
    const { dodici, reference } = await both(t, origin, { ca })
    assert.deepEqual(dodici, reference)
  })
}

test('an address as the servername', async (t) => {
  const { origin } = await serve(t)
  const { dodici, reference } = await both(t, origin, { servername: '127.0.0.1' })
  assert.deepEqual(dodici, reference)
})

// --- names: what \`tls.checkServerIdentity\` says

for (const [name, subject, names, servername, code] of [
  ['part of a label', 'x', ['f*o.example.com'], 'foo.example.com'],
  ['part of a label that is another', 'x', ['f*o.example.com'], 'far.example.com', OTHER_NAME],
  ['part of a label that overlaps', 'x', ['aa*aa.example.com'], 'aaa.example.com', OTHER_NAME],
  ['the front of a label', 'x', ['www*.example.com'], 'www1.example.com'],
  ['two wild cards', 'x', ['*.*.example.com'], 'a.b.example.com', OTHER_NAME],
  ['two wild cards in a label', 'x', ['*a*.example.com'], 'bab.example.com', OTHER_NAME],
  ['a wild card for all of a domain', 'x', ['*.com'], 'example.com', OTHER_NAME],
  ['a wild card inside', 'x', ['www.*.com'], 'www.example.com', OTHER_NAME],
  ['a wild card beside punycode', 'x', ['xn--*.example.com'], 'xn--a.example.com', OTHER_NAME],
  ['letters of both cases', 'x', ['WWW.Example.COM'], 'www.eXample.com'],
  ['a dot behind the name', 'x', ['www.example.com.'], 'www.example.com'],
  ['a dot behind the name that is asked for', 'x', ['www.example.com'], 'www.example.com.'],
  ['an underscore', 'x', ['a_b.example.com'], 'a_b.example.com'],
  ['a common name beside an address', 'www.example.com', ['127.0.0.1'], 'www.example.com'],
  ['a common name beside another name', 'www.example.com', ['example.com'], 'www.example.com', OTHER_NAME],
  ['a common name with a wild card', '*.example.com', [], 'www.example.com'],
  ['a common name with part of a label', 'w*.example.com', [], 'www.example.com'],
  ['a common name that is an address', '127.0.0.1', [], '127.0.0.1', OTHER_NAME],
  ['an address as a name', 'x', ['127.0.0.1'], '127.0.0.1'],
  ['another address', 'x', ['127.0.0.2'], '127.0.0.1', OTHER_NAME]
]) {
  test(`${name}: ${code ?? 'the answer'}`, async (t) => {
    const { cert, key } = certificate({ name: subject, issuer: root, names })
    const { origin } = await serve(t, { cert, key })
    const { dodici, reference } = servername === '127.0.0.1'
      ? await both(t, origin.replace(HOST, servername))
      : await both(t, origin, { servername })
    assert.deepEqual(dodici, reference)
    assert.equal(dodici.code, code)
  })
}
