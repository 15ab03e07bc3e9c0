'use strict'

// A Socks5ProxyAgent, with a SOCKS5 proxy. What undici does as well is asked of undici 8 in the same process.

const { test } = require('node:test')
const assert = require('node:assert/strict')
const { once } = require('node:events')
const dodici = require('../..')
const { behaviour, openOrigin, openServer, own } = require('./proxy')
const { openSocks } = require('./socks5-server')

const GET = { path: '/', method: 'GET' }

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

behaviour('a request goes through a tunnel, and the proxy is told the name of the origin', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t), await openSocks(t)]
  const { headers } = await answerOf(open(t, library, proxy.url), origin.url)
  assert.equal(headers.host, origin.host)
  assert.deepEqual(proxy.heard.methods, [[0]])
  assert.deepEqual(proxy.heard.targets, [[3, 'localhost', origin.port]])
})

test('a connect that is no function is refused at once', () => {
  for (const connect of [{}, 'a', 1]) {
    assert.throws(() => new dodici.Socks5ProxyAgent('socks5://localhost', { connect }), { code: 'UND_ERR_INVALID_ARG', message: 'connect must be a function' })
  }
})

behaviour('an IPv4 address is told as such', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t), await openSocks(t)]
  await answerOf(open(t, library, proxy.url.replace('socks5', 'socks')), `http://127.0.0.1:${origin.port}`)
  assert.deepEqual(proxy.heard.targets, [[1, '127.0.0.1', origin.port]])
})

// undici tells `[::1]` as a name.
own('an IPv6 address is told as such', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t), await openSocks(t)]
  const agent = open(t, library, proxy.url)
  for (const address of ['::1', '2001:db8::7:0:1', '::', '1:2:3:4:5:6:7:8', '::ffff:1.2.3.4']) {
    await answerOf(agent, `http://[${address}]:${origin.port}`)
  }
  assert.deepEqual(proxy.heard.targets.map(([kind, octets]) => [kind, octets]), [
    [4, '00000000000000000000000000000001'],
    [4, '20010db8000000000000000700000001'],
    [4, '00000000000000000000000000000000'],
    [4, '00010002000300040005000600070008'],
    [4, '00000000000000000000ffff01020304']
  ])
})

behaviour('a proxy may say everything octet by octet', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t), await openSocks(t, { users: { user: 'pw' }, inPieces: true })]
  await answerOf(open(t, library, `socks5://user:pw@${proxy.host}`), origin.url)
})

for (const [kind, address] of [['a name', [3, 4, 110, 97, 109, 101]], ['an IPv6 address', [4, ...Array(16).fill(1)]]]) {
  behaviour(`a proxy may have connected from ${kind}`, async (t, library) => {
    const [origin, proxy] = [await openOrigin(t), await openSocks(t, { reply: [5, 0, 0, ...address, 0, 80] })]
    await answerOf(open(t, library, proxy.url), origin.url)
  })
}

behaviour('credentials of the URL are shown, decoded', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t), await openSocks(t, { users: { 'us er': 'p:w' } })]
  await answerOf(open(t, library, `socks5://us%20er:p%3Aw@${proxy.host}`), origin.url)
  assert.deepEqual(proxy.heard.methods, [[2, 0]])
  assert.deepEqual(proxy.heard.credentials, [['us er', 'p:w']])
})

behaviour('username and password come before those of the URL', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t), await openSocks(t, { users: { one: 'two' } })]
  await answerOf(open(t, library, `socks5://user:pw@${proxy.host}`, { username: 'one', password: 'two' }), origin.url)
  assert.deepEqual(proxy.heard.credentials, [['one', 'two']])
})

// --- errors

const failures = [
  ['no method will do', { method: [5, 255] }, 'UND_ERR_SOCKS5_AUTH_REJECTED', 'No acceptable authentication method'],
  ['the method is unknown', { method: [5, 1] }, 'UND_ERR_SOCKS5_AUTH_METHOD', 'Unsupported authentication method: 1'],
  ['it speaks another version', { method: [4, 0] }, 'UND_ERR_SOCKS5_VERSION', 'Invalid SOCKS version: 4'],
  ['it answers as HTTP does', { method: [...Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')] }, 'UND_ERR_SOCKS5_VERSION', 'Invalid SOCKS version: 72'],
  ['the password is wrong', { users: { user: 'other' } }, 'UND_ERR_SOCKS5_AUTH_FAILED', 'Authentication failed'],
  ['its word on the password has another version', { users: {}, status: [5, 0] }, 'UND_ERR_SOCKS5_AUTH_VERSION', 'Invalid auth sub-negotiation version: 5'],
  ['its reply has another version', { reply: [4, 0, 0, 1, 0, 0, 0, 0, 0, 0] }, 'UND_ERR_SOCKS5_REPLY_VERSION', 'Invalid SOCKS version in reply: 4'],
  ['its reply has an address of no kind', { reply: [5, 0, 0, 2, 0, 0, 0, 0, 0, 0] }, 'UND_ERR_SOCKS5_ADDR_TYPE', 'Invalid address type in reply: 2'],
  ...[
    'General SOCKS server failure', 'Connection not allowed by ruleset', 'Network unreachable', 'Host unreachable', 'Connection refused',
    'TTL expired', 'Command not supported', 'Address type not supported', 'Unknown error code: 9'
  ].map((what, index) => [
    `it replies ${index + 1}`, { reply: [5, index + 1, 0, 1, 0, 0, 0, 0, 0, 0] },
    `UND_ERR_SOCKS5_REPLY_${index + 1}`, `SOCKS5 connection failed: ${what}`
  ])
]

for (const [what, options, code, message] of failures) {
  behaviour(`a request fails where ${what}`, async (t, library) => {
    const proxy = await openSocks(t, options)
    const agent = open(t, library, `socks5://user:pw@${proxy.host}`)
    await assert.rejects(agent.request({ origin: 'http://name.test', ...GET }), (error) => {
      assert.ok(error instanceof library.errors.Socks5ProxyError)
      assert.deepEqual([error.name, error.code, error.message], ['Socks5ProxyError', code, message])
      return true
    })
    assert.equal(proxy.heard.connections, 1)
  })
}

// undici waits for its connectTimeout then.
for (const [what, options] of [['the greeting', { method: [] }], ['credentials', { users: {}, status: [] }], ['a request', { reply: [] }]]) {
  own(`a request fails at once where the proxy ends the connection at ${what}`, async (t, library) => {
    const proxy = await openSocks(t, options)
    const agent = open(t, library, `socks5://user:pw@${proxy.host}`, { connectTimeout: 0 })
    await assert.rejects(agent.request({ origin: 'http://name.test', ...GET }), (error) => {
      assert.ok(error instanceof library.errors.ProxyConnectionError)
      assert.equal(error.cause.message, 'other side closed')
      return true
    })
    assert.equal(proxy.heard.connections, 1)
  })
}

for (const [what, options] of [['the greeting', { method: null }], ['credentials', { users: {}, status: null }], ['a request', { reply: null }]]) {
  behaviour(`a proxy that is silent at ${what} is given up after connectTimeout`, async (t, library) => {
    const proxy = await openSocks(t, options)
    const agent = open(t, library, `socks5://user:pw@${proxy.host}`, { connectTimeout: 50 })
    const where = what === 'a request' ? 'name.test:80' : proxy.host
    await assert.rejects(agent.request({ origin: 'http://name.test', ...GET }), {
      code: 'UND_ERR_CONNECT_TIMEOUT', message: `Connect Timeout Error (attempted address: ${where}, timeout: 50ms)`
    })
  })
}

behaviour('an origin that is silent about TLS is given up after requestTls.timeout', async (t, library) => {
  const { port } = await openServer(t, () => {})
  const proxy = await openSocks(t)
  const agent = open(t, library, proxy.url, { requestTls: { timeout: 50 } })
  await assert.rejects(agent.request({ origin: `https://localhost:${port}`, ...GET }), { code: 'UND_ERR_CONNECT_TIMEOUT' })
})

behaviour('a proxy that is not there is an error of the system', async (t, library) => {
  const { port, server } = await openServer(t, () => {})
  server.close()
  await once(server, 'close')
  await assert.rejects(open(t, library, `socks5://127.0.0.1:${port}`).request({ origin: 'http://name.test', ...GET }), { code: 'ECONNREFUSED' })
})

behaviour('credentials that are too long are refused', async (t, library) => {
  const proxy = await openSocks(t, { users: {} })
  const agent = open(t, library, proxy.url, { username: 'u'.repeat(256), password: 'p' })
  await assert.rejects(agent.request({ origin: 'http://name.test', ...GET }), { code: 'UND_ERR_INVALID_ARG', message: 'Username or password too long' })
})

const wrong = [
  ['no URL', [undefined], 'Proxy URL is mandatory'],
  ['another protocol', ['http://localhost'], 'Proxy URL must use socks5:// or socks:// protocol'],
  ['options in its place', [{ uri: 'socks5://localhost' }], 'Proxy URL must use socks5:// or socks:// protocol'],
  ['a connectTimeout that is none', ['socks5://localhost', { connectTimeout: -1 }], 'invalid connectTimeout'],
  ['a requestTls.timeout that is none', ['socks5://localhost', { requestTls: { timeout: NaN } }], 'invalid requestTls.timeout'],
  ['a proxyTls.timeout that is none', ['socks5://localhost', { proxyTls: { timeout: '1' } }], 'invalid proxyTls.timeout']
]

for (const [what, given, message] of wrong) {
  behaviour(`${what} is an error`, (_t, library) => {
    assert.throws(() => new library.Socks5ProxyAgent(...given), { code: 'UND_ERR_INVALID_ARG', message })
  })
}

// --- tunnels and their ends

own('a tunnel is used again', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t), await openSocks(t)]
  const agent = open(t, library, proxy.url)
  await answerOf(agent, origin.url)
  await answerOf(agent, origin.url)
  assert.equal(proxy.heard.connections, 1)
})

behaviour('origins never share a tunnel', async (t, library) => {
  const [one, two, proxy] = [await openOrigin(t), await openOrigin(t), await openSocks(t)]
  const agent = open(t, library, proxy.url)
  await Promise.all([one, two, one, two].map(async ({ url, host }) => {
    assert.equal((await answerOf(agent, url)).headers.host, host)
  }))
  assert.ok(one.heard.every(({ headers }) => headers.host === one.host))
  assert.ok(two.heard.every(({ headers }) => headers.host === two.host))
})

behaviour('connect makes the connection to the proxy', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t), await openSocks(t)]
  const asked = []
  const connector = library.buildConnector({})
  const connect = (params, callback) => {
    asked.push([params.hostname, params.port, params.protocol])
    return connector(params, callback)
  }
  await answerOf(open(t, library, proxy.url, { connect }), origin.url)
  assert.deepEqual(asked, [['localhost', proxy.port, 'http:']])
})

test('a ProxyAgent takes a SOCKS5 proxy', async (t) => {
  const [origin, proxy] = [await openOrigin(t), await openSocks(t, { users: { 'us er': 'pw' } })]
  const agent = new dodici.ProxyAgent(`socks5://us%20er:pw@${proxy.host}`)
  assert.equal((await answerOf(agent, origin.url)).headers.host, origin.host)
  await agent.close()
  assert.deepEqual(proxy.heard.credentials, [['us er', 'pw']])
})

own('the fetch of this Node goes through its tunnels', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t), await openSocks(t)]
  const response = await fetch(`${origin.url}/a`, { dispatcher: open(t, library, proxy.url), method: 'POST', body: 'hello' })
  assert.equal((await response.json()).url, '/a')
  assert.equal(proxy.heard.connections, 1)
})

behaviour('close() waits for what is under way, and refuses what comes', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t), await openSocks(t)]
  const agent = open(t, library, proxy.url)
  const answer = answerOf(agent, origin.url)
  const closed = agent.close()
  await assert.rejects(agent.request({ origin: origin.url, ...GET }), { code: 'UND_ERR_CLOSED' })
  await answer
  await closed
})

own('destroy() ends a connection that is no tunnel yet', async (t, library) => {
  const reason = new Error('enough')
  let closed
  const { port, server } = await openServer(t, (socket) => { closed = once(socket.resume(), 'close') })
  const agent = new library.Socks5ProxyAgent(`socks5://127.0.0.1:${port}`, { connectTimeout: 0 })
  const failed = assert.rejects(agent.request({ origin: 'http://name.test', ...GET }), (error) => error === reason)
  const [socket] = await once(server, 'connection')
  await once(socket, 'data')
  await agent.destroy(reason)
  await failed
  await closed
})

behaviour('createSocks5Connection() gives the socket of a tunnel', async (t, library) => {
  const [origin, proxy] = [await openOrigin(t), await openSocks(t)]
  const socket = await open(t, library, proxy.url).createSocks5Connection('localhost', origin.port)
  t.after(() => socket.destroy())
  socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
  const [answer] = await once(socket, 'data')
  assert.match(answer.toString(), /^HTTP\/1\.1 200 OK\r\n/)
  assert.deepEqual(proxy.heard.targets, [[3, 'localhost', origin.port]])
})
