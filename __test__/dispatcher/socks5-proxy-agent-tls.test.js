'use strict'

// A Socks5ProxyAgent where the origin, the proxy or both speak TLS. Each behaviour is asked of undici 8 as well.

const { test } = require('node:test')
const assert = require('node:assert/strict')
const dodici = require('../..')
const { certificates } = require('../tls/certificates')
const { behaviour, openOrigin } = require('./proxy')
const { openFront, openSocks } = require('./socks5-server')

const GET = { path: '/', method: 'GET' }
const ca = certificates.root.cert

function open (t, library, url, options) {
  const agent = new library.Socks5ProxyAgent(url, options)
  t.after(() => agent.destroy())
  return agent
}

async function answerOf (agent, origin) {
  const { statusCode, body } = await agent.request({ origin, ...GET })
  assert.equal(statusCode, 200)
  return body.json()
}

behaviour('TLS with an https: origin is spoken through the tunnel', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t, { tls: certificates.good }), await openSocks(t)]
  const { headers } = await answerOf(open(t, library, proxy.url, { requestTls: { ca } }), origin.url)
  assert.equal(headers.host, origin.host)
  assert.deepEqual(proxy.heard.targets, [[3, 'localhost', origin.port]])
})

behaviour('the certificate of the origin must speak for it', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t, { tls: certificates.otherHost }), await openSocks(t)]
  await assert.rejects(open(t, library, proxy.url, { requestTls: { ca } }).request({ origin: origin.url, ...GET }), {
    code: 'ERR_TLS_CERT_ALTNAME_INVALID'
  })
  assert.equal(origin.heard.length, 0)
})

behaviour('requestTls.servername is whom it must speak for instead', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t, { tls: certificates.otherHost }), await openSocks(t)]
  await answerOf(open(t, library, proxy.url, { requestTls: { ca, servername: 'other.example' } }), origin.url)
})

behaviour('an origin that nobody vouches for is an error', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t, { tls: certificates.good }), await openSocks(t)]
  await assert.rejects(open(t, library, proxy.url).request({ origin: origin.url, ...GET }), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
})

behaviour('with proxyTls the proxy is spoken to over TLS, and the origin through that', async (t, library) => {
  const [secure, plain, proxy] = [await openOrigin(t, { tls: certificates.good }), await openOrigin(t), await openSocks(t)]
  const agent = open(t, library, `socks5://localhost:${await openFront(t, proxy)}`, { proxyTls: { ca }, requestTls: { ca } })
  assert.equal((await answerOf(agent, plain.url)).headers.host, plain.host)
  assert.equal((await answerOf(agent, secure.url)).headers.host, secure.host)
})

test('a ProxyAgent with a SOCKS5 proxy asks an https: origin through its tunnel', async (t) => {
  const [origin, proxy] = [await openOrigin(t, { tls: certificates.good }), await openSocks(t)]
  const agent = new dodici.ProxyAgent({ uri: proxy.url, requestTls: { ca } })
  t.after(() => agent.destroy())
  assert.equal((await answerOf(agent, origin.url)).headers.host, origin.host)
  assert.equal(proxy.heard.targets.length, 1)
})
