'use strict'

// A Socks5ProxyAgent: every connection is a tunnel of a SOCKS5 proxy, which also resolves the names. Each origin has a
// dispatcher of its own, so that no tunnel serves another's. Tunnels are the engine's where it can make them, and else
// made here of Node's sockets.

const { DispatcherBase } = require('./dispatcher-base')
const { Agent } = require('./agent')
const { clientOptions } = require('./client-options')
const { Tunnels, tunnelling } = require('./tunnels')
const { buildConnector } = require('../core/connector')
const { authenticate, openTunnel } = require('../core/socks5')
const { ConnectTimeoutError, InvalidArgumentError, ProxyConnectionError } = require('../core/errors')
const { DEFAULT_PORTS } = require('../core/url')

const SOCKS_PORT = 1080
const DEFAULT_TIMEOUT = 5000
const PROTOCOLS = new Set(['socks5:', 'socks:'])
const BRACKETS = /^\[(.+)\]$/

class Socks5ProxyAgent extends DispatcherBase {
  #proxy
  #credentials
  #timeout
  #connectProxy
  #connectOrigin
  // Sockets that are no tunnels yet.
  #negotiating = new Set()
  #agent

  /**
   * @param {string|URL} proxyUrl `socks5:` or `socks:`
   * @param {object} [options] see docs/api/Socks5ProxyAgent.md
   * @throws {InvalidArgumentError} for the URL, and for a timeout that is none
   */
  constructor (proxyUrl, options = {}) {
    super(options)
    if (!proxyUrl) {
      throw new InvalidArgumentError('Proxy URL is mandatory')
    }
    const url = typeof proxyUrl === 'string' ? new URL(proxyUrl) : proxyUrl
    if (!PROTOCOLS.has(url.protocol)) {
      throw new InvalidArgumentError('Proxy URL must use socks5:// or socks:// protocol')
    }
    const { username, password, headers, connect, proxyTls, requestTls, ...rest } = options
    if (connect != null && typeof connect !== 'function') {
      throw new InvalidArgumentError('connect must be a function')
    }
    const timeout = checked('connectTimeout', rest.connectTimeout ?? DEFAULT_TIMEOUT)
    const originTimeout = checked('requestTls.timeout', requestTls?.timeout ?? timeout)
    const proxyTimeout = checked('proxyTls.timeout', proxyTls?.timeout ?? timeout)
    const hostname = url.hostname.replace(BRACKETS, '$1')
    this.#proxy = {
      hostname,
      host: url.hostname,
      port: Number(url.port) || SOCKS_PORT,
      protocol: proxyTls ? 'https:' : 'http:'
    }
    this.#credentials = {
      username: username || decodeURIComponent(url.username),
      password: password || decodeURIComponent(url.password)
    }
    this.#timeout = timeout
    this.#connectProxy = connect ?? buildConnector({ ...proxyTls, timeout: proxyTimeout })
    this.#connectOrigin = buildConnector({ ...requestTls, timeout: originTimeout })
    const tunnel = (params, callback) => this.#connect(params).then((socket) => callback(null, socket), callback)
    this.#agent = new Agent({ ...rest, connect: tunnelling(tunnel, this.#tunnels()) })
    for (const event of ['connect', 'disconnect', 'connectionError', 'drain']) {
      this.#agent.on(event, (origin, targets, ...more) => this.emit(event, origin, [this, ...targets], ...more))
    }
  }

  get stats () {
    return this.#agent.stats
  }

  onDispatch (options, handler) {
    return this.#agent.dispatch(options, handler)
  }

  onClose () {
    return this.#agent.close()
  }

  async onDestroy (error) {
    const ended = this.#agent.destroy(error)
    for (const socket of this.#negotiating) {
      socket.destroy(error)
    }
    await ended
  }

  /**
   * A tunnel of the proxy's, for whatever is not HTTP. Its socket is the caller's, who also ends it. Source: undici 7.
   *
   * @param {string} hostname
   * @param {number} port
   * @returns {Promise<import('node:stream').Duplex>}
   * @throws {Socks5ProxyError|ProxyConnectionError|ConnectTimeoutError} the proxy refuses, ends the connection, is silent
   */
  async createSocks5Connection (hostname, port) {
    const socket = await connected(this.#connectProxy, this.#proxy)
    socket.on('error', ignore)
    this.#negotiating.add(socket)
    try {
      await this.#bounded(socket, this.#proxy.hostname, this.#proxy.port, authenticate(socket, this.#credentials))
      await this.#bounded(socket, hostname, port, openTunnel(socket, hostname, port))
    } catch (error) {
      socket.destroy()
      throw error
    } finally {
      this.#negotiating.delete(socket)
    }
    return socket
  }

  // --- inside

  // The tunnels as the engine makes them: what #connect does, as data.
  #tunnels () {
    return new Tunnels(this.#proxy, {
      members: () => ({ proxy: clientOptions({ connect: this.#connectProxy }), origin: clientOptions({ connect: this.#connectOrigin }) }),
      ask: ({ protocol, hostname, port }) => {
        const { username, password } = this.#credentials
        const target = hostname.replace(BRACKETS, '$1')
        return [target, username, password].every(isShort)
          ? { target, port: Number(port) || DEFAULT_PORTS[protocol], ...(username && password && this.#credentials) }
          : null
      },
      answerTimeout: this.#timeout,
      keepsServerName: false,
      proxyError
    })
  }

  async #connect (params) {
    const { hostname, protocol } = params
    const socket = await this.createSocks5Connection(hostname, Number(params.port) || DEFAULT_PORTS[protocol])
    return protocol === 'https:' ? connected(this.#connectOrigin, { ...params, httpSocket: socket }) : socket
  }

  // A step of the negotiation, which fails with its socket when it takes too long.
  #bounded (socket, hostname, port, step) {
    const limit = this.#timeout
    if (limit === 0) {
      return step
    }
    const timer = setTimeout(() => socket.destroy(
      new ConnectTimeoutError(`Connect Timeout Error (attempted address: ${hostname}:${port}, timeout: ${limit}ms)`)
    ), limit)
    return step.finally(() => clearTimeout(timer))
  }
}

function checked (name, value) {
  if (!Number.isFinite(value) || value < 0) {
    throw new InvalidArgumentError(`invalid ${name}`)
  }
  return value
}

// What is told to the proxy has its length in one octet.
function isShort (text) {
  return Buffer.byteLength(text ?? '') <= 255
}

// A connection to the proxy that is lost is no lost connection to the origin: nothing is tried again for it.
function proxyError (error) {
  return error.code === 'UND_ERR_SOCKET' ? new ProxyConnectionError(error) : error
}

function connected (connector, params) {
  return new Promise((resolve, reject) => {
    connector(params, (error, socket) => error ? reject(error) : resolve(socket))
  })
}

function ignore () {}

module.exports = { Socks5ProxyAgent, isSocks: (url) => PROTOCOLS.has(url.protocol) }
