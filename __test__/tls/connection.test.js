'use strict'

// A connection under TLS: its handshake, its versions, its sessions, its end, and what goes over it.

const { test } = require('node:test')
const assert = require('node:assert/strict')
const { once } = require('node:events')
const net = require('node:net')
const { Readable } = require('node:stream')
const { errors } = require('../..')
const { certificates, encrypted } = require('./certificates')
const { both, clientOf, get, run, serve, serveRaw, serveTcp } = require('./server')

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfine'
const MEBIBYTE = 1024 * 1024
const ca = certificates.root.cert
const { client, strangeClient } = certificates

async function failure (promise) {
  return promise.then(() => assert.fail('it succeeded'), (error) => error)
}

/** Both packages say the same; returns it. */
async function agreed (t, origin, connect, options) {
  const said = await both(t, origin, connect, options)
  assert.deepEqual(said.dodici, said.reference)
  return said.dodici
}

/** An HTTPS server that answers with what it knows of the connection. */
const telling = (t, options) => serve(t, options, ({ socket }, response) => {
  const { standardName } = socket.getCipher()
  response.end(JSON.stringify({
    version: socket.getProtocol(),
    cipher: standardName,
    name: socket.servername,
    protocol: socket.alpnProtocol,
    client: socket.getPeerCertificate().subject?.CN,
    isReused: socket.isSessionReused()
  }))
})

async function told (t, origin, connect, options) {
  return JSON.parse(await get(clientOf(t, origin, connect, options)))
}

// --- the handshake

test('the server sees TLS 1.3, the name, and that HTTP/1.1 is offered', async (t) => {
  const { origin } = await telling(t, { ALPNProtocols: ['http/1.1'] })
  const { version, name, protocol, client } = await told(t, origin)
  assert.deepEqual([version, name, protocol, client], ['TLSv1.3', 'localhost', 'http/1.1', undefined])
})

test('an address is no server name', async (t) => {
  const { port } = await telling(t)
  assert.equal((await told(t, `https://127.0.0.1:${port}`)).name, false)
})

for (const [options, version] of [[{ maxVersion: 'TLSv1.2' }, 'TLSv1.2'], [{ minVersion: 'TLSv1.3' }, 'TLSv1.3']]) {
  test(`${JSON.stringify(options)} is kept`, async (t) => {
    const { origin } = await telling(t)
    assert.equal((await told(t, origin, options)).version, version)
  })
}

for (const [ciphers, maxVersion, cipher] of [
  ['TLS_AES_128_GCM_SHA256', 'TLSv1.3', 'TLS_AES_128_GCM_SHA256'],
  ['ECDHE-RSA-AES128-GCM-SHA256', 'TLSv1.2', 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'],
  ['AES128-GCM-SHA256', 'TLSv1.2', 'TLS_RSA_WITH_AES_128_GCM_SHA256'],
  // Suites of TLS 1.2 say nothing of those of TLS 1.3.
  ['ECDHE-RSA-AES128-GCM-SHA256', 'TLSv1.3', 'TLS_AES_256_GCM_SHA384']
]) {
  test(`ciphers: '${ciphers}' up to ${maxVersion} agrees on ${cipher}`, async (t) => {
    const { origin } = await telling(t)
    const seen = JSON.parse((await agreed(t, origin, { ciphers, maxVersion })).value)
    assert.deepEqual([seen.cipher, seen.version], [cipher, maxVersion])
  })
}

test('no version in common is said as undici says it', async (t) => {
  const { origin } = await serve(t, { maxVersion: 'TLSv1.2' })
  assert.equal((await agreed(t, origin, { minVersion: 'TLSv1.3' })).code, 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION')
})

for (const [fault, options] of [
  ['versions the wrong way round', { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.2' }],
  ['a cipher that nobody knows', { ciphers: 'nonsense' }],
  ['a certificate that is none', { cert: 'x', key: 'y' }],
  ['a key of another certificate', { cert: client.cert, key: certificates.root.key }]
]) {
  test(`${fault}: what undici says`, async (t) => {
    const { origin } = await serve(t)
    assert.equal(typeof (await agreed(t, origin, options)).code, 'string')
  })
}

// --- client certificates

const MUTUAL = { requestCert: true, ca, maxVersion: 'TLSv1.2' }

test('a client certificate that the server asks for', async (t) => {
  const { origin } = await telling(t, { requestCert: true, ca })
  assert.equal((await told(t, origin, { cert: client.cert, key: client.key })).client, 'a client')
})

test('a client certificate whose key has a passphrase', async (t) => {
  const { origin } = await telling(t, { requestCert: true, ca })
  const key = encrypted(client.key, 'open sesame')
  assert.equal((await told(t, origin, { cert: client.cert, key, passphrase: 'open sesame' })).client, 'a client')
})

test('a wrong passphrase is what undici says it is', async (t) => {
  const { origin } = await serve(t)
  const connect = { cert: client.cert, key: encrypted(client.key, 'open sesame'), passphrase: 'sesame' }
  assert.equal(typeof (await agreed(t, origin, connect)).code, 'string')
})

test('no client certificate where the server wants one, with TLS 1.2', async (t) => {
  const { origin } = await serve(t, MUTUAL)
  const said = await both(t, origin)
  assert.equal(said.dodici.code, said.reference.code)
})

test('a client certificate of a stranger, with TLS 1.2', async (t) => {
  const { origin } = await serve(t, MUTUAL)
  const said = await both(t, origin, { cert: strangeClient.cert, key: strangeClient.key })
  assert.equal(said.dodici.code, said.reference.code)
})

// --- sessions

for (const version of ['TLSv1.2', 'TLSv1.3']) {
  test(`a ${version} session is resumed`, async (t) => {
    const { origin } = await telling(t, { maxVersion: version })
    const client = clientOf(t, origin, {}, { pipelining: 0 })
    assert.equal(JSON.parse(await get(client)).isReused, false)
    assert.equal(JSON.parse(await get(client)).isReused, true)
  })

  test(`no ${version} session is resumed with maxCachedSessions: 0`, async (t) => {
    const { origin } = await telling(t, { maxVersion: version })
    const client = clientOf(t, origin, { maxCachedSessions: 0 }, { pipelining: 0 })
    assert.equal(JSON.parse(await get(client)).isReused, false)
    assert.equal(JSON.parse(await get(client)).isReused, false)
  })
}

test('requests one after the other share a connection', async (t) => {
  const { server, origin } = await serve(t)
  let handshakes = 0
  server.on('secureConnection', () => handshakes++)
  const client = clientOf(t, origin)
  await get(client)
  await get(client)
  assert.equal(handshakes, 1)
})

// --- a handshake that fails

const HELLO = { plain: 'HTTP/1.1 400 Bad Request\r\n\r\n', garbage: Buffer.alloc(50, 7) }

for (const [name, octets] of Object.entries(HELLO)) {
  test(`a server that answers the handshake with ${name} octets: what undici says`, async (t) => {
    const { origin } = await serveTcp(t, (socket) => socket.once('data', () => socket.end(octets)))
    assert.equal((await agreed(t, origin)).library, 'SSL routines')
  })
}

test('a server that closes in the handshake: what undici says', async (t) => {
  const { origin } = await serveTcp(t, (socket) => socket.once('data', () => socket.end()))
  const { code, message } = await agreed(t, origin)
  assert.deepEqual([code, message], ['ECONNRESET', 'Client network socket disconnected before secure TLS connection was established'])
})

test('a server that resets in the handshake: what undici says', async (t) => {
  const { origin } = await serveTcp(t, (socket) => socket.once('data', () => socket.resetAndDestroy()))
  assert.equal((await agreed(t, origin)).code, 'ECONNRESET')
})

test('connectTimeout counts the handshake', async (t) => {
  const { origin } = await serveTcp(t, () => {})
  const error = await failure(get(clientOf(t, origin, {}, { connectTimeout: 50 })))
  assert.ok(error instanceof errors.ConnectTimeoutError)
})

test('an abort during the handshake is heard at once, and the client is of use after it', async (t) => {
  const controller = new AbortController()
  const { origin } = await serveTcp(t, () => controller.abort())
  const error = await failure(get(clientOf(t, origin), { signal: controller.signal }))
  assert.equal(error.name, 'AbortError')
})

// --- its end

/** A proxy in front of `port` that hands octets of the server through `change`, and can end both ways. */
async function serveBetween (t, port, change) {
  return serveTcp(t, (socket) => {
    const onward = net.connect(port, '127.0.0.1')
    socket.pipe(onward)
    onward.on('error', () => socket.destroy()).on('data', (octets) => change(octets, socket)).on('end', () => socket.end())
    socket.on('error', () => onward.destroy()).on('close', () => onward.destroy())
  })
}

for (const [framing, head] of [['its end', 'connection: close'], ['content-length', 'content-length: 100']]) {
  test(`a body delimited by ${framing} that is cut under TLS is an error`, async (t) => {
    const { port } = await serveRaw(t, {}, (socket) => socket.once('data', () => {
      socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n\r\nsome of it`)
    }))
    let cut = () => {}
    const { origin } = await serveBetween(t, port, (octets, socket) => {
      cut = () => socket.end()
      socket.write(octets)
    })
    const { body } = await clientOf(t, origin).request({ path: '/', method: 'GET' })
    const [first] = await once(body, 'data')
    assert.equal(first.toString(), 'some of it')
    cut()
    const [error] = await once(body, 'error')
    assert.equal(error.code, 'UND_ERR_SOCKET')
  })
}

test('a body delimited by its end that TLS ends is complete', async (t) => {
  const { origin } = await serveRaw(t, {}, (socket) => socket.once('data', () => {
    socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nall of it')
  }))
  assert.equal(await get(clientOf(t, origin)), 'all of it')
})

test('a record that was changed on its way is noticed', async (t) => {
  const { port } = await serveRaw(t, {}, (socket) => socket.once('data', () => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nsome of it')
    socket.on('data', () => {})
    t.more = () => socket.write('more of it')
  }))
  let isBad = false
  const { origin } = await serveBetween(t, port, (octets, socket) => {
    if (isBad) {
      octets[octets.length - 1] ^= 1
    }
    socket.write(octets)
  })
  const { body } = await clientOf(t, origin).request({ path: '/', method: 'GET' })
  await once(body, 'data')
  isBad = true
  t.more()
  const [error] = await once(body, 'error')
  assert.equal(error.code, 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC')
})

test('an idle connection that the server closed is not used again', async (t) => {
  let count = 0
  const { origin } = await serveRaw(t, {}, (socket) => {
    count++
    socket.once('data', () => socket.end(OK))
  })
  const client = clientOf(t, origin)
  const over = once(client, 'disconnect')
  assert.equal(await get(client, { method: 'POST' }), 'fine')
  await over
  assert.equal(await get(client, { method: 'POST' }), 'fine')
  assert.equal(count, 2)
})

// --- what goes over it

test('10 MiB each way', async (t) => {
  const { origin } = await serve(t, {}, (request, response) => request.pipe(response))
  const piece = Buffer.alloc(MEBIBYTE / 4, 'a')
  const { body } = await clientOf(t, origin).request({ path: '/', method: 'POST', body: Readable.from(Array(40).fill(piece)) })
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
  }
  assert.equal(length, 10 * MEBIBYTE)
})

test('CONNECT and upgrade over TLS', async (t) => {
  const { origin } = await serveRaw(t, {}, (socket) => socket.once('data', (head) => {
    socket.write(head.includes('CONNECT') ? 'HTTP/1.1 200 OK\r\n\r\n' : 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n')
    socket.pipe(socket)
  }))
  const client = clientOf(t, origin)
  for (const call of [() => client.connect({ path: 'a:1' }), () => client.upgrade({ path: '/', protocol: 'echo' })]) {
    const { socket } = await call()
    socket.end('there and back')
    let text = ''
    for await (const chunk of socket) {
      text += chunk
    }
    assert.equal(text, 'there and back')
  }
})

test('pipelined requests are answered in order', async (t) => {
  const { origin } = await serve(t, {}, (request, response) => response.end(request.url))
  const client = clientOf(t, origin, {}, { pipelining: 3 })
  assert.deepEqual(await Promise.all(['/1', '/2', '/3'].map((path) => get(client, { path }))), ['/1', '/2', '/3'])
})

// --- what Node is told from outside

const request = (port, more = '') => `
  for (const { Client } of [dodici, reference]) {
    const client = new Client('https://localhost:${port}'${more})
    const { body } = await client.request({ path: '/', method: 'GET' })
    console.log(await body.text())
    await client.close()
  }`

test('NODE_TLS_REJECT_UNAUTHORIZED=0 verifies nothing, and is warned of in Node\'s words', async (t) => {
  const { cert, key } = certificates.selfSigned
  const { port } = await serve(t, { cert, key })
  const { stdout, stderr } = await run(request(port), { env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } })
  assert.equal(stdout, 'fine\nfine\n')
  const warnings = stderr.match(/Warning: .*/g)
  assert.equal(warnings.length, 2)
  assert.equal(warnings[0], warnings[1])
})

test('NODE_EXTRA_CA_CERTS is trusted', async (t) => {
  const fs = require('node:fs')
  const path = require('node:path')
  const directory = fs.mkdtempSync(path.join(require('node:os').tmpdir(), 'dodici-tls-'))
  t.after(() => fs.rmSync(directory, { recursive: true }))
  const file = path.join(directory, 'ca.pem')
  fs.writeFileSync(file, ca)
  const { port } = await serve(t)
  const { stdout } = await run(request(port), { env: { NODE_EXTRA_CA_CERTS: file } })
  assert.equal(stdout, 'fine\nfine\n')
})

test('--use-openssl-ca trusts what OpenSSL trusts', async (t) => {
  const fs = require('node:fs')
  const path = require('node:path')
  const directory = fs.mkdtempSync(path.join(require('node:os').tmpdir(), 'dodici-tls-'))
  t.after(() => fs.rmSync(directory, { recursive: true }))
  const file = path.join(directory, 'ca.pem')
  fs.writeFileSync(file, ca)
  const { port } = await serve(t)
  const { stdout } = await run(request(port), { env: { SSL_CERT_FILE: file }, flags: ['--use-openssl-ca'] })
  assert.equal(stdout, 'fine\nfine\n')
})

test('--tls-cipher-list is kept', async (t) => {
  const { port } = await serve(t, {}, ({ socket }, response) => response.end(socket.getCipher().name))
  const options = `, { connect: { ca: ${JSON.stringify(ca)}, maxVersion: 'TLSv1.2' } }`
  const { stdout } = await run(request(port, options), { flags: ['--tls-cipher-list=ECDHE-RSA-AES256-GCM-SHA384'] })
  assert.equal(stdout, 'ECDHE-RSA-AES256-GCM-SHA384\nECDHE-RSA-AES256-GCM-SHA384\n')
})

const canSet = typeof require('node:tls').setDefaultCACertificates === 'function'
test('tls.setDefaultCACertificates is followed', { skip: !canSet && 'this Node.js has none' }, async (t) => {
  const { port } = await serve(t)
  const { stdout } = await run(`require('node:tls').setDefaultCACertificates([${JSON.stringify(ca)}]); ${request(port)}`)
  assert.equal(stdout, 'fine\nfine\n')
})
