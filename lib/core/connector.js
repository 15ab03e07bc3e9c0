'use strict'

// Connectors: functions that make a socket of Node's for an origin, by node:net and node:tls. Users build them
// with the options of `net.connect` and `tls.connect`; the engine connects by itself wherever it can, and only
// what it cannot do goes this way.

const net = require('node:net')
const { ConnectTimeoutError, InvalidArgumentError } = require('./errors')
const { serverNameOf } = require('./url')

const DEFAULT_TIMEOUT = 10e3
const DEFAULT_CACHED_SESSIONS = 100
const DEFAULT_KEEP_ALIVE_DELAY = 60e3

// The options that a connector was built with, for those who can do the same without it.
const built = new WeakMap()

/** TLS sessions by the name of their peer; the one that was used longest ago makes room. */
class SessionCache {
  #limit
  #sessions = new Map()

  constructor (limit) {
    this.#limit = limit
  }

  find (name) {
    return this.#sessions.get(name) ?? null
  }

  keep (name, session) {
    this.#sessions.delete(name)
    this.#sessions.set(name, session)
    if (this.#sessions.size > this.#limit) {
      this.#sessions.delete(this.#sessions.keys().next().value)
    }
  }
}

/**
 * Makes a connector.
 *
 * @param {object} options of `net.connect` and `tls.connect`, and:
 * @param {number|null} [options.timeout] milliseconds until a ConnectTimeoutError, 0 for none; 10,000
 * @param {number|null} [options.maxCachedSessions] TLS sessions kept to be resumed; 100
 * @param {string|null} [options.socketPath] a Unix socket to connect to instead
 * @param {boolean} [options.allowH2] offers HTTP/2 (ALPN); the engine does not speak it yet: false
 * @returns {(params: object, callback: (error: Error|null, socket: import('node:net').Socket|null) => void) =>
 *   import('node:net').Socket}
 * @throws {InvalidArgumentError} where maxCachedSessions is no integer from 0 on
 * @see undici 8.12.4, docs/api/Connector.md
 */
function buildConnector (options) {
  const { allowH2, preferH2, useH2c, maxCachedSessions, socketPath, timeout, session: ownSession, ...rest } = options ?? {}
  if (maxCachedSessions != null && (!Number.isInteger(maxCachedSessions) || maxCachedSessions < 0)) {
    throw new InvalidArgumentError('maxCachedSessions must be a positive integer or zero')
  }
  const limit = timeout ?? DEFAULT_TIMEOUT
  const sessions = new SessionCache(maxCachedSessions ?? DEFAULT_CACHED_SESSIONS)
  const protocols = allowH2 ? (preferH2 ? ['h2', 'http/1.1'] : ['http/1.1', 'h2']) : ['http/1.1']
  const standing = socketPath == null ? rest : { ...rest, path: socketPath }

  function secure ({ hostname, host, port, servername, localAddress, httpSocket }) {
    const name = servername || rest.servername || serverNameOf(host) || null
    const key = name || hostname
    // Not every Node.js is built with it.
    const socket = require('node:tls').connect({
      highWaterMark: 16 * 1024,
      ...standing,
      servername: name,
      session: ownSession || sessions.find(key),
      localAddress: localAddress ?? rest.localAddress,
      ALPNProtocols: protocols,
      socket: httpSocket,
      port: port || 443,
      host: hostname
    })
    socket.on('session', (session) => sessions.keep(key, session))
    return socket
  }

  function plain ({ hostname, port, localAddress }) {
    return net.connect({
      highWaterMark: 64 * 1024,
      ...standing,
      localAddress: localAddress ?? rest.localAddress,
      port: port || 80,
      host: hostname
    })
  }

  function connect (params, callback) {
    const isSecure = params.protocol === 'https:'
    const socket = isSecure ? secure(params) : plain(params)
    if (rest.keepAlive == null || rest.keepAlive) {
      socket.setKeepAlive(true, rest.keepAliveInitialDelay ?? DEFAULT_KEEP_ALIVE_DELAY)
    }
    socket.setNoDelay(rest.noDelay ?? true)
    let isSettled = false
    const settle = (error, connected) => {
      clearTimeout(timer)
      if (!isSettled) {
        isSettled = true
        callback?.(error, connected)
      }
    }
    const timer = limit
      ? setTimeout(() => socket.destroy(timeoutError(socket, params, limit)), limit)
      : undefined
    socket
      .once(isSecure ? 'secureConnect' : 'connect', () => settle(null, socket))
      .on('error', (error) => settle(normalized(error, socket, params, limit), null))
      .on('close', () => clearTimeout(timer))
    return socket
  }

  built.set(connect, { ...options })
  return connect
}

/** The options that an unchanged connector of ours was built with; undefined for any other function. */
function optionsOf (connector) {
  return built.get(connector)
}

function timeoutError (socket, { hostname, port }, limit) {
  const attempted = socket.autoSelectFamilyAttemptedAddresses
  const where = Array.isArray(attempted)
    ? `attempted addresses: ${attempted.join(', ')}`
    : `attempted address: ${hostname}:${port}`
  return new ConnectTimeoutError(`Connect Timeout Error (${where}, timeout: ${limit}ms)`)
}

// Where some of several addresses were given up for time, all together are a timeout.
function normalized (error, socket, params, limit) {
  if (error instanceof AggregateError && (error.code === 'ETIMEDOUT' || error.errors.some((one) => one?.code === 'ETIMEDOUT'))) {
    const timeout = timeoutError(socket, params, limit)
    timeout.cause = error
    return timeout
  }
  return error
}

module.exports = { buildConnector, optionsOf }
