'use strict'

// Servers that speak TLS, and the clients of both packages that are to say the same of them.

const { spawn } = require('node:child_process')
const { once } = require('node:events')
const https = require('node:https')
const net = require('node:net')
const path = require('node:path')
const tls = require('node:tls')
const dodici = require('../..')
const { certificates } = require('./certificates')

// undici 8 needs Node.js 22.
const referenceName = process.versions.node.startsWith('20.') ? 'undici6' : 'undici8'
const reference = require(referenceName)

/** The packages under comparison. */
const packages = { dodici, reference }

const root = path.join(__dirname, '..', '..')

/** Ends `server` and its sockets with the test. Returns its port once it listens. */
async function listening (t, server, ...where) {
  const sockets = new Set()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  })
  server.listen(...where.length > 0 ? where : [0, '127.0.0.1'])
  await once(server, 'listening')
  t.after(() => {
    server.close()
    for (const socket of sockets) {
      socket.destroy()
    }
  })
  return server.address().port
}

function answer (request, response) {
  request.resume()
  response.end('fine')
}

/** An HTTPS server with the good certificate, unless `options` say otherwise: `{ server, port, origin }`. */
async function serve (t, options = {}, listener = answer) {
  const { cert, key } = certificates.good
  const server = https.createServer({ cert, key, ...options }, listener).on('tlsClientError', () => {})
  const port = await listening(t, server)
  return { server, port, origin: `https://localhost:${port}` }
}

/** A server that speaks TLS and nothing above it; `listener` hears of each socket. */
async function serveRaw (t, options, listener) {
  const { cert, key } = certificates.good
  const server = tls.createServer({ cert, key, ...options }, (socket) => listener(socket.on('error', () => {})))
    .on('tlsClientError', () => {})
  const port = await listening(t, server)
  return { server, port, origin: `https://localhost:${port}` }
}

/** A server of mere TCP; `listener` hears of each socket. */
async function serveTcp (t, listener) {
  const server = net.createServer((socket) => listener(socket))
  const port = await listening(t, server)
  return { server, port, origin: `https://localhost:${port}` }
}

/** A client that trusts our root, and ends with the test. */
function clientOf (t, origin, connect = {}, options = {}, from = dodici) {
  const client = new from.Client(origin, {
    ...options,
    connect: typeof connect === 'function' ? connect : { ca: certificates.root.cert, ...connect }
  })
  client.on('error', () => {})
  t.after(() => client.destroy())
  return client
}

/** The body of an answer. */
async function get (client, options) {
  const { body } = await client.request({ path: '/', method: 'GET', ...options })
  return body.text()
}

/** What a call comes to: its value, or what a program can see of its error. */
async function outcome (call) {
  try {
    return { value: await call() }
  } catch (error) {
    return described(error)
  }
}

// OpenSSL's messages name a thread and a place in its source: nobody can say the same twice. A port is a string where
// undici took it from a URL.
function described (error) {
  const { name, message, code, library, reason, host, cert, syscall, port, localAddress } = error
  return {
    name,
    code,
    message: library === undefined ? message : undefined,
    library,
    reason,
    host,
    cert: cert === undefined ? undefined : [cert.subject?.CN, cert.subjectaltname],
    syscall,
    port: port === undefined ? undefined : Number(port),
    localAddress: localAddress ?? undefined
  }
}

/** What each package makes of a request for `origin`, as `{ dodici, reference }`. */
async function both (t, origin, connect, options, request) {
  const results = {}
  for (const [name, from] of Object.entries(packages)) {
    results[name] = await outcome(async () => get(clientOf(t, origin, connect, options, from), request))
  }
  return results
}

/**
 * Runs a program in another process, with `dodici` and `reference` in scope; resolves with what it wrote and its code.
 *
 * @param {string} program
 * @param {object} options
 * @param {object} options.env variables to add
 * @param {string[]} options.flags for Node.js
 */
async function run (program, { env = {}, flags = [] } = {}) {
  const source = `'use strict'
    const dodici = require(${JSON.stringify(root)})
    const reference = require(${JSON.stringify(require.resolve(referenceName))})
    ;(async () => { ${program} })().catch((error) => console.log(error.code, error.message))`
  const child = spawn(process.execPath, [...flags, '-e', source], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const written = { stdout: '', stderr: '' }
  for (const name of Object.keys(written)) {
    child[name].setEncoding('utf8').on('data', (text) => { written[name] += text })
  }
  const [code] = await once(child, 'close')
  return { code, ...written }
}

module.exports = { both, clientOf, described, get, listening, outcome, packages, run, serve, serveRaw, serveTcp }
