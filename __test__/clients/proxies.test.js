'use strict'

// Proxies from npm, as others have written them: an HTTP proxy that tunnels, and a SOCKS5 server; with real origins behind
// them, over TLS and without.

const assert = require('node:assert/strict')
const http = require('node:http')
const https = require('node:https')
const { describe, test } = require('node:test')
const { createServer: createSocksServer } = require('@pondwader/socks5-server')
const { Agent, EnvHttpProxyAgent, ProxyAgent, Socks5ProxyAgent, errors } = require('../../index.js')
const { certificates } = require('../tls/certificates')
const { listening } = require('../tls/server')

const ca = certificates.root.cert
const echo = (request, response) => {
  response.writeHead(200, { 'x-path': request.url, 'x-credentials': request.headers['proxy-authorization'] ?? 'none' })
  request.pipe(response)
}

async function openOrigin (t, scheme) {
  const server = scheme === 'https' ? https.createServer(certificates.good, echo) : http.createServer(echo)
  return `${scheme}://localhost:${await listening(t, server)}`
}

/** The proxy of npm; `asked` keeps the methods and targets that it was asked for. */
async function openProxy (t, { tls = false, authenticate } = {}) {
  const { createProxy } = await import('proxy')
  const server = createProxy(tls ? https.createServer(certificates.good) : http.createServer())
  const asked = []
  server.prependListener('request', ({ method, url }) => asked.push(`${method} ${url}`))
  server.prependListener('connect', ({ method, url }) => asked.push(`${method} ${url}`))
  if (authenticate !== undefined) {
    server.authenticate = authenticate
  }
  return { asked, uri: `${tls ? 'https' : 'http'}://localhost:${await listening(t, server)}` }
}

/** Sends a large body through and looks at what comes back. */
async function exchange (agent, origin) {
  const body = Buffer.alloc(300_000, 'dodici')
  const { statusCode, headers, body: answer } = await agent.request({ origin, path: '/path?a=1', method: 'POST', body })
  assert.equal(statusCode, 200)
  assert.equal(headers['x-path'], '/path?a=1')
  assert.equal(headers['x-credentials'], 'none')
  assert.ok(body.equals(Buffer.from(await answer.arrayBuffer())))
}

describe('the proxy of npm', () => {
  for (const [tls, scheme, options, method] of [
    [false, 'http', {}, 'POST'],
    [false, 'http', { proxyTunnel: true }, 'CONNECT'],
    [false, 'https', {}, 'CONNECT'],
    [true, 'http', {}, 'POST'],
    [true, 'http', { proxyTunnel: true }, 'CONNECT'],
    [true, 'https', {}, 'CONNECT']
  ]) {
    test(`${tls ? 'over TLS ' : ''}is asked for an ${scheme}: origin with ${method}`, async (t) => {
      const [origin, { uri, asked }] = [await openOrigin(t, scheme), await openProxy(t, { tls })]
      const agent = new ProxyAgent({ uri, proxyTls: { ca }, requestTls: { ca }, ...options })
      t.after(() => agent.destroy())
      await exchange(agent, origin)
      await Promise.all(Array.from({ length: 10 }, () => exchange(agent, origin)))
      const target = method === 'CONNECT' ? origin.slice(origin.indexOf('//') + 2) : `${origin}/path?a=1`
      assert.deepEqual([...new Set(asked)], [`${method} ${target}`])
    })
  }

  test('hears the credentials and lets them go no further', async (t) => {
    const seen = []
    const authenticate = ({ headers }) => { seen.push(headers['proxy-authorization']); return headers['proxy-authorization'] === 'Basic dTpw' }
    const { uri } = await openProxy(t, { authenticate })
    for (const scheme of ['http', 'https']) {
      const origin = await openOrigin(t, scheme)
      const agent = new ProxyAgent({ uri: uri.replace('//', '//u:p@'), requestTls: { ca } })
      t.after(() => agent.destroy())
      await exchange(agent, origin)
    }
    assert.deepEqual(seen, ['Basic dTpw', 'Basic dTpw'])
  })

  test('refuses who has none', async (t) => {
    const { uri } = await openProxy(t, { authenticate: () => false })
    const agent = new ProxyAgent({ uri, requestTls: { ca } })
    t.after(() => agent.destroy())
    for (const [scheme, Expected] of [['http', errors.InvalidArgumentError], ['https', errors.RequestAbortedError]]) {
      const origin = await openOrigin(t, scheme)
      await assert.rejects(agent.request({ origin, path: '/', method: 'GET' }), (error) => error instanceof Expected && /407/.test(error.message))
    }
  })

  test('is found by an EnvHttpProxyAgent', async (t) => {
    const [origin, { uri, asked }] = [await openOrigin(t, 'https'), await openProxy(t)]
    const agent = new EnvHttpProxyAgent({ httpsProxy: uri, noProxy: '', requestTls: { ca } })
    t.after(() => agent.destroy())
    await exchange(agent, origin)
    assert.deepEqual(asked, [`CONNECT ${origin.slice('https://'.length)}`])
  })
})

describe('the SOCKS5 server of npm', () => {
  async function openSocks (t, auth) {
    const asked = []
    const server = createSocksServer(auth === undefined ? {} : { auth })
    server.setRulesetValidator(({ destAddress, destPort }) => { asked.push(`${destAddress}:${destPort}`); return destPort !== 25 })
    // It is no net.Server itself.
    const own = server.server
    return { asked, host: `localhost:${await listening(t, own)}` }
  }

  for (const scheme of ['http', 'https']) {
    test(`is asked for an ${scheme}: origin by its name`, async (t) => {
      const [origin, { host, asked }] = [await openOrigin(t, scheme), await openSocks(t)]
      const agent = new Socks5ProxyAgent(`socks5://${host}`, { requestTls: { ca } })
      t.after(() => agent.destroy())
      await exchange(agent, origin)
      assert.deepEqual([...new Set(asked)], [origin.slice(origin.indexOf('//') + 2)])
    })

    test(`asks for user and password before an ${scheme}: origin`, async (t) => {
      const [origin, { host }] = [await openOrigin(t, scheme), await openSocks(t, { username: 'u', password: 'p' })]
      const agent = new Socks5ProxyAgent(`socks5://u:p@${host}`, { requestTls: { ca } })
      t.after(() => agent.destroy())
      await exchange(agent, origin)
      const wrong = new Socks5ProxyAgent(`socks5://u:wrong@${host}`, { requestTls: { ca } })
      t.after(() => wrong.destroy())
      await assert.rejects(wrong.request({ origin, path: '/', method: 'GET' }), { name: 'Socks5ProxyError', code: 'UND_ERR_SOCKS5_AUTH_FAILED' })
    })
  }

  test('says what its rules do not allow', async (t) => {
    const { host } = await openSocks(t)
    const agent = new Socks5ProxyAgent(`socks5://${host}`)
    t.after(() => agent.destroy())
    await assert.rejects(agent.request({ origin: 'http://localhost:25', path: '/', method: 'GET' }), { name: 'Socks5ProxyError', code: 'UND_ERR_SOCKS5_REPLY_2' })
  })

  test('serves a ProxyAgent and an EnvHttpProxyAgent too', async (t) => {
    const [origin, { host, asked }] = [await openOrigin(t, 'http'), await openSocks(t)]
    for (const agent of [new ProxyAgent(`socks5://${host}`), new EnvHttpProxyAgent({ httpProxy: `socks5://${host}`, noProxy: '' })]) {
      t.after(() => agent.destroy())
      await exchange(agent, origin)
    }
    assert.ok(asked.length >= 2)
  })
})

test('without a proxy the origins are the same', async (t) => {
  const agent = new Agent({ connect: { ca } })
  t.after(() => agent.destroy())
  for (const scheme of ['http', 'https']) await exchange(agent, await openOrigin(t, scheme))
})
