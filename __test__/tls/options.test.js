'use strict'

// Options of `connect` that the engine does not know: Node's net and tls follow them, as they do for undici.

const { test } = require('node:test')
const assert = require('node:assert/strict')
const fs = require('node:fs')
const https = require('node:https')
const os = require('node:os')
const path = require('node:path')
const tls = require('node:tls')
const { certificates } = require('./certificates')
const { both, clientOf, get, listening, run, serve } = require('./server')

const { root } = certificates
const lookup = (hostname, options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }])

/** A server that answers with the name in the client's certificate, and the version of TLS. */
const telling = (t) => serve(t, { requestCert: true, rejectUnauthorized: false, ca: root.cert }, ({ socket }, response) => {
  response.end(`${socket.getPeerCertificate().subject?.CN} ${socket.getProtocol()}`)
})

// What is given, and what a request comes to: the server's answer, or the error's code or message.
const CASES = [
  ['lookup', { lookup }, 'undefined TLSv1.3'],
  ['lookup that fails', { lookup: (hostname, options, callback) => callback(Object.assign(new Error('lost'), { code: 'MINE' })) }, 'MINE'],
  ['checkServerIdentity that is content', { checkServerIdentity: () => undefined, servername: 'other.example' }, 'undefined TLSv1.3'],
  ['checkServerIdentity that is not', { checkServerIdentity: () => new Error('mine') }, 'mine'],
  ['secureContext', { ca: undefined, secureContext: tls.createSecureContext({ ca: root.cert }) }, 'undefined TLSv1.3'],
  ['sigalgs', { sigalgs: 'RSA-PSS+SHA256' }, 'undefined TLSv1.3'],
  ['ecdhCurve', { ecdhCurve: 'P-256' }, 'undefined TLSv1.3'],
  ['ecdhCurve that nobody knows', { ecdhCurve: 'nonsense' }, 'ERR_CRYPTO_OPERATION_FAILED'],
  ['crl that is none', { crl: 'x' }, 'ERR_CRYPTO_OPERATION_FAILED'],
  ['allowPartialTrustChain', { allowPartialTrustChain: true }, 'undefined TLSv1.3'],
  ['family', { family: 4 }, 'undefined TLSv1.3'],
  ['secureProtocol', { secureProtocol: 'TLSv1_2_method' }, 'undefined TLSv1.2'],
  ['path', { path: path.join(os.tmpdir(), 'dodici-nobody-listens') }, 'ENOENT'],
  ['session that is none', { session: Buffer.from('x') }, 'undefined TLSv1.3']
]

for (const [name, connect, outcome] of CASES) {
  test(`${name}: ${outcome}`, async (t) => {
    const { origin } = await telling(t)
    const said = await both(t, origin, connect)
    assert.deepEqual(said.dodici, said.reference)
    assert.equal(said.dodici.value ?? said.dodici.code ?? said.dodici.message, outcome)
  })
}

test('a session of before is resumed', async (t) => {
  const { origin, port } = await serve(t, { maxVersion: 'TLSv1.2' }, ({ socket }, response) => {
    response.end(String(socket.isSessionReused()))
  })
  const session = await new Promise((resolve) => {
    const socket = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', ca: root.cert })
    socket.on('session', (session) => {
      resolve(session)
      socket.end()
    })
  })
  const said = await both(t, origin, { session })
  assert.deepEqual(said, { dodici: { value: 'true' }, reference: { value: 'true' } })
})

test('TLS over a Unix domain socket', { skip: process.platform === 'win32' && 'it has none' }, async (t) => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dodici-tls-'))
  t.after(() => fs.rmSync(directory, { recursive: true, force: true }))
  const socketPath = path.join(directory, 'server.sock')
  const { cert, key } = certificates.good
  await listening(t, https.createServer({ cert, key }, (request, response) => response.end('fine')), socketPath)
  assert.equal(await get(clientOf(t, 'https://localhost', { socketPath })), 'fine')
  assert.equal(await get(clientOf(t, 'https://localhost', { socketPath, ecdhCurve: 'P-256' })), 'fine')
})

for (const [kind, connect] of [['of the engine', ''], ['that is lent', 'ecdhCurve: "P-256"']]) {
  test(`an idle connection ${kind} does not keep the process alive`, async (t) => {
    const { server, port } = await serve(t)
    server.keepAliveTimeout = 0
    const { stdout, code } = await run(`
      const client = new dodici.Client('https://localhost:${port}', {
        keepAliveTimeout: 600e3,
        connect: { ca: ${JSON.stringify(root.cert)}, ${connect} }
      })
      const { body } = await client.request({ path: '/', method: 'GET' })
      console.log(await body.text())`)
    assert.deepEqual([stdout, code], ['fine\n', 0])
  })
}
