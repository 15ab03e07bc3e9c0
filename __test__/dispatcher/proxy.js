'use strict'

// A proxy and an origin for the tests of those who go by way of one: real servers, over TLS if they are given
// certificates, which tell what they heard. The proxy takes any name for this machine. And who is asked for a behaviour.

const { test } = require('node:test')
const { once } = require('node:events')
const http = require('node:http')
const https = require('node:https')
const net = require('node:net')
const dodici = require('../..')

function serverOf (tls, listener) {
  return tls ? https.createServer(tls, listener) : http.createServer(listener)
}

async function listen (t, server) {
  const sockets = new Set()
  server.on('connection', (socket) => sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket))))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return server.address().port
}

/** An origin that answers with what it was asked, as JSON. */
async function openOrigin (t, { tls } = {}) {
  const heard = []
  const server = serverOf(tls, (request, response) => {
    heard.push(request)
    const { method, url, headers } = request
    response.end(JSON.stringify({ method, url, headers }))
  })
  const port = await listen(t, server)
  return { heard, port, host: `localhost:${port}`, url: `${tls ? 'https' : 'http'}://localhost:${port}`, server }
}

/**
 * A proxy.
 *
 * @param {object} [options]
 * @param {object} [options.tls] certificates
 * @param {(request: object, socket: object) => boolean} [options.onConnect] answers to a CONNECT itself: true
 * @param {(request: object, response: object) => boolean} [options.onRequest] answers to a request itself: true
 */
async function openProxy (t, { tls, onConnect = () => false, onRequest = () => false } = {}) {
  const heard = []
  const server = serverOf(tls, (request, response) => {
    heard.push(request)
    if (onRequest(request, response)) return
    const { port, pathname, search } = new URL(request.url)
    const { method, headers } = request
    const { 'proxy-authorization': _, ...rest } = headers
    const onward = http.request({ host: '127.0.0.1', port, path: pathname + search, method, headers: rest }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers)
      answer.pipe(response)
    })
    request.pipe(onward)
  })
  server.on('connect', (request, socket) => {
    heard.push(request)
    socket.on('error', () => {})
    if (onConnect(request, socket)) return
    const onward = net.connect(Number(request.url.split(':').at(-1)), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.pipe(socket).pipe(onward)
    })
    onward.on('error', () => socket.destroy()).on('close', () => socket.destroy())
    socket.on('close', () => onward.destroy())
  })
  const port = await listen(t, server)
  const host = `localhost:${port}`
  return { heard, port, host, url: `${tls ? 'https' : 'http'}://${host}`, server }
}

/** A server of TCP that does with its sockets as it is told. */
async function openServer (t, onConnection) {
  const server = net.createServer(onConnection)
  const port = await listen(t, server)
  return { port, server }
}

// undici 8, with which behaviour is compared in the same process; it needs a newer Node than we do.
const reference = (() => {
  try {
    return require('undici8')
  } catch {
    return null
  }
})()

// dodici with tunnels that are made of Node's sockets, as where the engine cannot make them.
const bySockets = {
  ...dodici,

  ProxyAgent: class extends dodici.ProxyAgent {
    constructor (options) {
      const given = typeof options === 'string' || options instanceof URL ? { uri: options } : options
      super(given?.uri ? { clientFactory: (url, own) => new dodici.Pool(url, own), ...given } : options)
    }
  },

  Socks5ProxyAgent: class extends dodici.Socks5ProxyAgent {
    constructor (url, options = {}) {
      const { proxyTls, connectTimeout = 5000 } = options
      const connector = dodici.buildConnector({ timeout: connectTimeout, ...proxyTls })
      super(url, { connect: (params, callback) => connector(params, callback), ...options })
    }
  }
}

/** A behaviour of dodici's, whoever makes the tunnels: `play(t, library)`. */
function own (name, play) {
  test(name, (t) => play(t, dodici))
  test(`by Node's sockets: ${name}`, (t) => play(t, bySockets))
}

/** A behaviour that is undici 8's, too. */
function behaviour (name, play) {
  own(name, play)
  test(`undici 8: ${name}`, { skip: reference === null && 'undici 8 does not run on this Node' }, (t) => play(t, reference))
}

module.exports = { behaviour, openOrigin, openProxy, openServer, own, reference }
