'use strict'

// A ProxyAgent, with real proxies. Each behaviour is undici's too, and is asked of undici 8 in the same process,
// but for those that say how they differ.

const assert = require('node:assert/strict')
const diagnostics = require('node:diagnostics_channel')
const { once } = require('node:events')
const { behaviour, openOrigin, openProxy, openServer, own } = require('./proxy')

const GET = { path: '/', method: 'GET' }

function open (t, library, options) {
  const agent = new library.ProxyAgent(options)
  t.after(() => agent.destroy())
  return agent
}

async function answerOf (agent, origin, options = {}) {
  const { statusCode, body } = await agent.request({ origin, ...GET, ...options })
  assert.equal(statusCode, 200)
  return body.json()
}

const basic = (credentials) => `Basic ${Buffer.from(credentials).toString('base64')}`

// --- what the proxy is asked

behaviour('a request for an http: origin goes to the proxy with its whole URL', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t), await openProxy(t)]
  const { url, headers } = await answerOf(open(t, library, proxy.url), origin.url, { path: '/a?b=c' })
  assert.equal(url, '/a?b=c')
  assert.equal(headers.host, origin.host)
  assert.deepEqual(proxy.heard.map(({ method, url, headers }) => [method, url, headers.host]), [
    ['GET', `${origin.url}/a?b=c`, origin.host]
  ])
})

behaviour('with proxyTunnel it goes through a tunnel', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t), await openProxy(t)]
  const agent = open(t, library, { uri: proxy.url, proxyTunnel: true })
  assert.equal((await answerOf(agent, origin.url)).headers.host, origin.host)
  assert.deepEqual(proxy.heard.map(({ method, url, headers }) => [method, url, headers.host, headers['proxy-connection']]), [
    ['CONNECT', origin.host, origin.host, 'keep-alive']
  ])
})

behaviour('proxyTunnel: false tunnels no http: origin', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t), await openProxy(t)]
  await answerOf(open(t, library, { uri: proxy.url, proxyTunnel: false }), origin.url)
  assert.deepEqual(proxy.heard.map(({ method }) => method), ['GET'])
})

behaviour('a tunnel to an origin of the usual port names that port', async (t, library) => {
  const proxy = await openProxy(t, { onConnect: (_request, socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n') })
  const agent = open(t, library, { uri: proxy.url, proxyTunnel: true })
  for (const origin of ['http://name.test', 'https://name.test', 'https://[::1]']) {
    await assert.rejects(agent.request({ origin, ...GET }))
  }
  assert.deepEqual(proxy.heard.map(({ url }) => url), ['name.test:80', 'name.test:443', '[::1]:443'])
})

behaviour('the body of a request reaches the origin either way', async (t, library) => {
  const [proxy, bodies] = [await openProxy(t), []]
  const origin = await openOrigin(t)
  origin.server.on('request', async (request) => bodies.push((await request.toArray()).join('')))
  for (const proxyTunnel of [true, false]) {
    const agent = open(t, library, { uri: proxy.url, proxyTunnel })
    await answerOf(agent, origin.url, { method: 'POST', body: `tunnel: ${proxyTunnel}` })
  }
  assert.deepEqual(bodies, ['tunnel: true', 'tunnel: false'])
})

behaviour('a URL object names the proxy as well', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t), await openProxy(t)]
  await answerOf(open(t, library, new URL(proxy.url)), origin.url)
  await answerOf(open(t, library, { uri: new URL(proxy.url) }), origin.url)
  assert.equal(proxy.heard.length, 2)
})

// --- what it is shown

const shown = [
  ['credentials of the URL, decoded', ({ host }) => ({ uri: `http://us%40er:pa%3Ass@${host}` }), basic('us@er:pa:ss')],
  ['a user without a password', ({ host }) => ({ uri: `http://user@${host}` }), basic('user:')],
  ['auth, as it is', ({ url }) => ({ uri: url, auth: 'dTpw' }), 'Basic dTpw'],
  ['a token, as it is', ({ url }) => ({ uri: url, token: 'Bearer xyz' }), 'Bearer xyz'],
  ['a token rather than the credentials of the URL', ({ host }) => ({ uri: `http://u:p@${host}`, token: 'Bearer xyz' }), 'Bearer xyz'],
  ['no credentials where there are none', ({ url }) => ({ uri: url }), undefined]
]

for (const [what, optionsFor, expected] of shown) {
  for (const proxyTunnel of [true, false]) {
    behaviour(`the proxy is shown ${what}${proxyTunnel ? ', in the tunnel' : ''}, and the origin is not`, async (t, library) => {
      const [origin, proxy] = [await openOrigin(t), await openProxy(t)]
      const { headers } = await answerOf(open(t, library, { ...optionsFor(proxy), proxyTunnel }), origin.url)
      assert.equal(proxy.heard[0].headers['proxy-authorization'], expected)
      assert.equal(headers['proxy-authorization'], undefined)
    })
  }
}

behaviour('headers go to the proxy, not through the tunnel', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t), await openProxy(t)]
  const agent = open(t, library, { uri: proxy.url, headers: { 'x-proxy': '1' }, proxyTunnel: true })
  const { headers } = await answerOf(agent, origin.url, { headers: { 'x-origin': '2' } })
  assert.equal(proxy.heard[0].headers['x-proxy'], '1')
  assert.equal(proxy.heard[0].headers['x-origin'], undefined)
  assert.equal(headers['x-proxy'], undefined)
  assert.equal(headers['x-origin'], '2')
})

own('the headers that were given stay as they are', async (t, library) => {
  const proxy = await openProxy(t)
  const headers = { 'x-proxy': '1' }
  open(t, library, { uri: proxy.url, headers, token: 'Bearer xyz' })
  assert.deepEqual(headers, { 'x-proxy': '1' })
})

behaviour('a host field of one\'s own stays', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t), await openProxy(t)]
  const agent = open(t, library, proxy.url)
  assert.equal((await answerOf(agent, origin.url, { headers: { Host: 'other.test' } })).headers.host, 'other.test')
})

const containers = {
  'an object': (name) => ({ [name]: 'x' }),
  'an array': (name) => [name, 'x'],
  'a Map': (name) => new Map([[name, 'x']]),
  Headers: (name) => new Headers({ [name]: 'x' }),
  'a generator': function * (name) { yield [name, 'x'] }
}

for (const [kind, containerOf] of Object.entries(containers)) {
  behaviour(`proxy-authorization in ${kind} of a request is refused, and nothing is sent`, async (t, library) => {
    const [origin, proxy] = [await openOrigin(t), await openProxy(t)]
    for (const proxyTunnel of [true, false]) {
      const agent = open(t, library, { uri: proxy.url, proxyTunnel })
      for (const name of ['proxy-authorization', 'Proxy-Authorization']) {
        await assert.rejects(agent.request({ origin: origin.url, ...GET, headers: containerOf(name) }), {
          code: 'UND_ERR_INVALID_ARG', message: 'Proxy-Authorization should be sent in ProxyAgent constructor'
        })
      }
    }
    assert.equal(proxy.heard.length + origin.heard.length, 0)
  })

  behaviour(`the fields of ${kind} reach the origin`, async (t, library) => {
    const [origin, proxy] = [await openOrigin(t), await openProxy(t)]
    const { headers } = await answerOf(open(t, library, proxy.url), origin.url, { headers: containerOf('x-own') })
    assert.equal(headers['x-own'], 'x')
  })
}

behaviour('a token with the end of a line is refused, and nothing is sent', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t), await openProxy(t)]
  for (const proxyTunnel of [true, false]) {
    const agent = open(t, library, { uri: proxy.url, token: 'Bearer x\r\nevil: 1', proxyTunnel })
    await assert.rejects(agent.request({ origin: origin.url, ...GET }), {
      code: 'UND_ERR_INVALID_ARG', message: 'invalid proxy-authorization header'
    })
  }
  assert.equal(proxy.heard.length, 0)
})

// --- what is wrong with the options

behaviour('both auth and token are an error', (_t, { ProxyAgent }) => {
  assert.throws(() => new ProxyAgent({ uri: 'http://localhost', auth: 'a', token: 'b' }), {
    code: 'UND_ERR_INVALID_ARG', message: 'opts.auth cannot be used in combination with opts.token'
  })
})

behaviour('an agent without a proxy is an error', (_t, { ProxyAgent }) => {
  for (const options of [undefined, null, '', {}]) {
    assert.throws(() => new ProxyAgent(options), { code: 'UND_ERR_INVALID_ARG', message: 'Proxy uri is mandatory' })
  }
})

behaviour('a proxy that is no URL is an error', (_t, { ProxyAgent }) => {
  assert.throws(() => new ProxyAgent('nonsense'), { code: 'ERR_INVALID_URL' })
  assert.throws(() => new ProxyAgent({ uri: 'nonsense' }), { code: 'ERR_INVALID_URL' })
})

behaviour('a proxy of another protocol is an error', (_t, { ProxyAgent }) => {
  for (const uri of ['ftp://localhost', 'socks4://localhost']) {
    assert.throws(() => new ProxyAgent(uri), { code: 'UND_ERR_INVALID_ARG', message: /^Invalid URL protocol: / })
  }
})

behaviour('a request without an origin is refused', async (t, { ProxyAgent }) => {
  const agent = new ProxyAgent('http://localhost:1')
  t.after(() => agent.destroy())
  await assert.rejects(agent.request({ path: '/', method: 'GET' }), {
    code: 'UND_ERR_INVALID_ARG', message: 'opts.origin must be a non-empty string or URL.'
  })
})

behaviour('a clientFactory that is no function is an error', (_t, { ProxyAgent }) => {
  assert.throws(() => new ProxyAgent({ uri: 'http://localhost', clientFactory: 1 }), {
    code: 'UND_ERR_INVALID_ARG', message: 'Proxy opts.clientFactory must be a function.'
  })
})

// --- a proxy that refuses, fails, stalls

for (const status of [403, 407, 502]) {
  behaviour(`a tunnel that the proxy refuses with ${status} is an error`, async (t, library) => {
    const proxy = await openProxy(t, { onConnect: (_request, socket) => socket.end(`HTTP/1.1 ${status} No\r\n\r\n`) })
    await assert.rejects(open(t, library, proxy.url).request({ origin: 'https://name.test', ...GET }), {
      name: 'AbortError', code: 'UND_ERR_ABORTED', message: `Proxy response (${status}) !== 200 when HTTP Tunneling`
    })
    assert.equal(proxy.heard.length, 1)
  })
}

behaviour('a 407 to a request without a tunnel is an error', async (t, library) => {
  const proxy = await openProxy(t, { onRequest: (_request, response) => response.writeHead(407).end() })
  await assert.rejects(open(t, library, proxy.url).request({ origin: 'http://name.test', ...GET }), {
    code: 'UND_ERR_INVALID_ARG', message: 'Proxy Authentication Required (407)'
  })
})

behaviour('any other answer of the proxy to such a request is the answer', async (t, library) => {
  const proxy = await openProxy(t, { onRequest: (_request, response) => response.writeHead(502).end('sorry') })
  const { statusCode, body } = await open(t, library, proxy.url).request({ origin: 'http://name.test', ...GET })
  assert.equal(statusCode, 502)
  assert.equal(await body.text(), 'sorry')
})

behaviour('a proxy that closes instead of a tunnel is asked once', async (t, library) => {
  const proxy = await openProxy(t, { onConnect: (_request, socket) => socket.destroy() })
  await assert.rejects(open(t, library, proxy.url).request({ origin: 'https://name.test', ...GET }), (error) => {
    assert.ok(error instanceof library.errors.ProxyConnectionError)
    assert.equal(error.code, 'UND_ERR_PRX_CONN')
    assert.equal(error.cause.code, 'UND_ERR_SOCKET')
    return true
  })
  assert.equal(proxy.heard.length, 1)
})

behaviour('a proxy that answers with what is no HTTP is an error', async (t, library) => {
  const { port } = await openServer(t, (socket) => socket.once('data', () => socket.end('gibberish\r\n\r\n')))
  for (const origin of ['https://name.test', 'http://name.test']) {
    await assert.rejects(open(t, library, `http://localhost:${port}`).request({ origin, ...GET }), { name: 'HTTPParserError' })
  }
})

behaviour('a proxy that is not there is an error of the system', async (t, library) => {
  const { port, server } = await openServer(t, () => {})
  server.close()
  await once(server, 'close')
  for (const origin of ['https://name.test', 'http://name.test']) {
    await assert.rejects(open(t, library, `http://127.0.0.1:${port}`).request({ origin, ...GET }), { code: 'ECONNREFUSED' })
  }
})

behaviour('a proxy that is silent about TLS is given up after connectTimeout', async (t, library) => {
  const { port } = await openServer(t, () => {})
  for (const origin of ['https://name.test', 'http://name.test']) {
    const agent = open(t, library, { uri: `https://localhost:${port}`, connectTimeout: 100 })
    await assert.rejects(agent.request({ origin, ...GET }), { code: 'UND_ERR_CONNECT_TIMEOUT' })
  }
})

behaviour('an origin that is silent about TLS in the tunnel is given up after connectTimeout', async (t, library) => {
  const { port } = await openServer(t, () => {})
  const proxy = await openProxy(t)
  const agent = open(t, library, { uri: proxy.url, connectTimeout: 100 })
  await assert.rejects(agent.request({ origin: `https://localhost:${port}`, ...GET }), { code: 'UND_ERR_CONNECT_TIMEOUT' })
})

// undici waits for the head of the answer then, 300 seconds.
own('a proxy that does not answer to a CONNECT is given up after connectTimeout', async (t, library) => {
  const proxy = await openProxy(t, { onConnect: () => true })
  const agent = open(t, library, { uri: proxy.url, connectTimeout: 100 })
  await assert.rejects(agent.request({ origin: 'https://name.test', ...GET }), {
    code: 'UND_ERR_CONNECT_TIMEOUT', message: `Connect Timeout Error (attempted address: ${proxy.host}, timeout: 100ms)`
  })
})

behaviour('a tunnel that is refused hurts no other', async (t, library) => {
  const origin = await openOrigin(t)
  const proxy = await openProxy(t, {
    onConnect: ({ url }, socket) => url.startsWith('name.test') && socket.end('HTTP/1.1 403 No\r\n\r\n')
  })
  const agent = open(t, library, { uri: proxy.url, proxyTunnel: true })
  await Promise.all([
    assert.rejects(agent.request({ origin: 'https://name.test', ...GET }), { code: 'UND_ERR_ABORTED' }),
    answerOf(agent, origin.url)
  ])
})

// --- what programs reach in with

behaviour('undici:proxy:connected tells of a tunnel', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t), await openProxy(t)]
  const messages = []
  const listener = (message) => messages.push(message)
  diagnostics.subscribe('undici:proxy:connected', listener)
  t.after(() => diagnostics.unsubscribe('undici:proxy:connected', listener))
  await answerOf(open(t, library, { uri: proxy.url, proxyTunnel: true }), origin.url)
  await answerOf(open(t, library, proxy.url), origin.url)
  assert.equal(messages.length, 1)
  const { socket, connectParams } = messages[0]
  assert.equal(typeof socket.write, 'function')
  assert.equal(connectParams.origin, proxy.url)
  assert.equal(connectParams.port, String(proxy.port))
  assert.equal(connectParams.path, origin.host)
  assert.equal(connectParams.servername, 'localhost')
  assert.deepEqual(connectParams.headers, { host: origin.host, 'proxy-connection': 'keep-alive' })
})

behaviour('clientFactory makes who asks the proxy for tunnels', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t), await openProxy(t)]
  const calls = []
  const clientFactory = (url, options) => {
    calls.push([url instanceof URL, url.origin, typeof options.connect])
    return new library.Pool(url, options)
  }
  await answerOf(open(t, library, { uri: proxy.url, clientFactory, proxyTunnel: true }), origin.url)
  assert.deepEqual(calls, [[true, proxy.url, 'function']])
})

behaviour('factory makes who goes through the tunnel', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t), await openProxy(t)]
  const calls = []
  const factory = (url, options) => {
    calls.push([new URL(url).origin, typeof options.connect])
    return new library.Client(url, options)
  }
  await answerOf(open(t, library, { uri: proxy.url, factory, proxyTunnel: true }), origin.url)
  assert.deepEqual(calls, [[origin.url, 'function']])
})

behaviour('factory makes who asks the proxy without a tunnel', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t), await openProxy(t)]
  const calls = []
  const factory = (url, options) => {
    calls.push([new URL(url).origin, typeof options.connect])
    return new library.Pool(url, options)
  }
  await answerOf(open(t, library, { uri: proxy.url, factory }), origin.url)
  assert.deepEqual(calls, [[proxy.url, 'function']])
})

// undici has no options but `connect` for these.
own('the options of a client hold without a tunnel as well', async (t, library) => {
  const proxy = await openProxy(t, { onRequest: () => true })
  const agent = open(t, library, { uri: proxy.url, headersTimeout: 100 })
  await assert.rejects(agent.request({ origin: 'http://name.test', ...GET }), { code: 'UND_ERR_HEADERS_TIMEOUT' })
})

behaviour('a tunnel is used again', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t), await openProxy(t)]
  const agent = open(t, library, { uri: proxy.url, proxyTunnel: true, connections: 1 })
  await answerOf(agent, origin.url)
  await answerOf(agent, origin.url)
  assert.equal(proxy.heard.length, 1)
})

behaviour('origins never share a tunnel', async (t, library) => {
  const [one, two, proxy] = [await openOrigin(t), await openOrigin(t), await openProxy(t)]
  const agent = open(t, library, { uri: proxy.url, proxyTunnel: true })
  await Promise.all([one, two, one, two].map(async ({ url, host }) => {
    assert.equal((await answerOf(agent, url)).headers.host, host)
  }))
  assert.ok(one.heard.every(({ headers }) => headers.host === one.host))
  assert.ok(two.heard.every(({ headers }) => headers.host === two.host))
})

own('the fetch of this Node goes by way of it', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t), await openProxy(t)]
  for (const [proxyTunnel, method] of [[true, 'CONNECT'], [false, 'POST']]) {
    const dispatcher = open(t, library, { uri: proxy.url, token: 'Bearer xyz', proxyTunnel })
    const response = await fetch(`${origin.url}/a`, { dispatcher, method: 'POST', body: 'hello' })
    const { url, headers } = await response.json()
    assert.equal(url, '/a')
    assert.equal(headers['proxy-authorization'], undefined)
    assert.equal(proxy.heard.at(-1).method, method)
  }
})

own('a handler of the first generation is served either way', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t), await openProxy(t)]
  for (const proxyTunnel of [true, false]) {
    const agent = open(t, library, { uri: proxy.url, proxyTunnel })
    const statusCode = await new Promise((resolve, reject) => {
      let status
      agent.dispatch({ origin: origin.url, ...GET }, {
        onConnect () {},
        onHeaders (statusCode) { status = statusCode; return true },
        onData () { return true },
        onComplete () { resolve(status) },
        onError: reject
      })
    })
    assert.equal(statusCode, 200)
  }
})

own('a handler of the first generation hears of a 407', async (t, library) => {
  const proxy = await openProxy(t, { onRequest: (_request, response) => response.writeHead(407).end() })
  const agent = open(t, library, proxy.url)
  const heard = await new Promise((resolve) => {
    agent.dispatch({ origin: 'http://name.test', ...GET }, {
      onConnect () {},
      onHeaders () { resolve('head') },
      onData () { return true },
      onComplete () { resolve('end') },
      onError: resolve
    })
  })
  assert.equal(heard.message, 'Proxy Authentication Required (407)')
})

// --- the end

for (const proxyTunnel of [true, false]) {
  const way = proxyTunnel ? 'with' : 'without'

  behaviour(`close() ${way} tunnels waits for what is under way, and refuses what comes`, async (t, library) => {
    const [origin, proxy] = [await openOrigin(t), await openProxy(t)]
    const agent = open(t, library, { uri: proxy.url, proxyTunnel })
    const answer = answerOf(agent, origin.url)
    const closed = agent.close()
    await assert.rejects(agent.request({ origin: origin.url, ...GET }), { code: 'UND_ERR_CLOSED' })
    assert.equal((await answer).headers.host, origin.host)
    await closed
    await assert.rejects(agent.request({ origin: origin.url, ...GET }), { code: 'UND_ERR_DESTROYED' })
  })

  own(`destroy() ${way} tunnels ends what is under way, with its reason`, async (t, library) => {
    const reason = new Error('enough')
    const proxy = await openProxy(t, { onConnect: () => true, onRequest: () => true })
    const agent = open(t, library, { uri: proxy.url, proxyTunnel })
    const failed = assert.rejects(agent.request({ origin: 'http://name.test', ...GET }), (error) => error === reason)
    await once(proxy.server, proxyTunnel ? 'connect' : 'request')
    await agent.destroy(reason)
    await failed
  })
}

own('an abort while the tunnel is made is heard at once', async (t, library) => {
  const proxy = await openProxy(t, { onConnect: () => true })
  const agent = open(t, library, proxy.url)
  const controller = new AbortController()
  const failed = assert.rejects(agent.request({ origin: 'https://name.test', ...GET, signal: controller.signal }), { name: 'AbortError' })
  await once(proxy.server, 'connect')
  controller.abort()
  await failed
})
