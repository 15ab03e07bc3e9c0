'use strict'

// A ProxyAgent where the proxy, the origin or both speak TLS. Each behaviour is asked of undici 8 as well.

const assert = require('node:assert/strict')
const { certificates } = require('../tls/certificates')
const { behaviour, openOrigin, openProxy, own } = require('./proxy')

const GET = { path: '/', method: 'GET' }
const ca = certificates.root.cert
const tls = certificates.good

function open (t, library, options) {
  const agent = new library.ProxyAgent(options)
  t.after(() => agent.destroy())
  return agent
}

async function answerOf (agent, origin) {
  const { statusCode, body } = await agent.request({ origin, ...GET })
  assert.equal(statusCode, 200)
  return body.json()
}

for (const overTls of [false, true]) {
  behaviour(`an https: origin is asked through a tunnel of an ${overTls ? 'https' : 'http'}: proxy`, async (t, library) => {
    const [origin, proxy] = [await openOrigin(t, { tls }), await openProxy(t, overTls ? { tls } : {})]
    const agent = open(t, library, { uri: proxy.url, token: 'Bearer xyz', proxyTls: { ca }, requestTls: { ca } })
    const { headers } = await answerOf(agent, origin.url)
    assert.equal(headers.host, origin.host)
    assert.equal(headers['proxy-authorization'], undefined)
    assert.deepEqual(proxy.heard.map(({ method, url, headers }) => [method, url, headers['proxy-authorization']]), [
      ['CONNECT', origin.host, 'Bearer xyz']
    ])
  })
}

behaviour('an https: proxy is asked for an http: origin without a tunnel, and its certificate is its own', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t), await openProxy(t, { tls })]
  const agent = open(t, library, { uri: proxy.url, proxyTls: { ca } })
  await answerOf(agent, origin.url)
  await answerOf(agent, origin.url.replace('localhost', 'name.test'))
  assert.deepEqual(proxy.heard.map(({ method }) => method), ['GET', 'GET'])
})

behaviour('a proxy whose certificate speaks for another is an error of its own', async (t, library) => {
  const proxy = await openProxy(t, { tls: certificates.otherHost })
  for (const origin of ['https://name.test', 'http://name.test']) {
    await assert.rejects(open(t, library, { uri: proxy.url, proxyTls: { ca } }).request({ origin, ...GET }), (error) => {
      assert.ok(error instanceof library.errors.SecureProxyConnectionError)
      assert.equal(error.cause.code, 'ERR_TLS_CERT_ALTNAME_INVALID')
      return true
    })
  }
  assert.equal(proxy.heard.length, 0)
})

behaviour('proxyTls.servername is whom it must speak for instead', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t), await openProxy(t, { tls: certificates.otherHost })]
  const proxyTls = { ca, servername: 'other.example' }
  await answerOf(open(t, library, { uri: proxy.url, proxyTls }), origin.url)
  await answerOf(open(t, library, { uri: proxy.url, proxyTls, proxyTunnel: true }), origin.url)
})

behaviour('a proxy that nobody vouches for is an error, and hears nothing', async (t, library) => {
  const proxy = await openProxy(t, { tls })
  for (const origin of ['https://name.test', 'http://name.test']) {
    await assert.rejects(open(t, library, proxy.url).request({ origin, ...GET }), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
  }
  assert.equal(proxy.heard.length, 0)
})

behaviour('an origin that nobody vouches for is an error, and hears nothing', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t, { tls }), await openProxy(t)]
  const agent = open(t, library, { uri: proxy.url, proxyTls: { ca } })
  await assert.rejects(agent.request({ origin: origin.url, ...GET }), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
  assert.equal(origin.heard.length, 0)
})

behaviour('an origin whose certificate speaks for another is an error of the origin', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t, { tls: certificates.otherHost }), await openProxy(t)]
  const agent = open(t, library, { uri: proxy.url, requestTls: { ca } })
  await assert.rejects(agent.request({ origin: origin.url, ...GET }), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  assert.equal(origin.heard.length, 0)
})

behaviour('requestTls shows the origin a certificate, the proxy none', async (t, library) => {
  const seen = {}
  const asking = { requestCert: true, ca, rejectUnauthorized: false }
  const [origin, proxy] = [await openOrigin(t, { tls: { ...tls, ...asking } }), await openProxy(t, { tls: { ...tls, ...asking } })]
  origin.server.on('secureConnection', (socket) => { seen.origin = socket.getPeerCertificate().subject?.CN })
  proxy.server.on('secureConnection', (socket) => { seen.proxy = socket.getPeerCertificate().subject?.CN })
  const { cert, key } = certificates.client
  await answerOf(open(t, library, { uri: proxy.url, proxyTls: { ca }, requestTls: { ca, cert, key } }), origin.url)
  assert.deepEqual(seen, { origin: 'a client', proxy: undefined })
})

own('the fetch of this Node goes through a tunnel of an https: proxy', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t, { tls }), await openProxy(t, { tls })]
  const dispatcher = open(t, library, { uri: proxy.url, proxyTls: { ca }, requestTls: { ca } })
  assert.equal((await (await fetch(`${origin.url}/a`, { dispatcher })).json()).url, '/a')
})
