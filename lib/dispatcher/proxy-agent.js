'use strict'

// A ProxyAgent: every request goes by way of a proxy. Tunnels are the engine's where it can make them, and else made here
// of Node's sockets. A request for an https: origin goes through a tunnel (CONNECT), one
// for an http: origin too where `proxyTunnel` asks for it, and else to the proxy itself, with the whole URL as its
// target (RFC 9112 section 3.2.2). What the proxy is to know stays between it and us. A SOCKS5 proxy is for a
// Socks5ProxyAgent.

const { DispatcherBase } = require('./dispatcher-base')
const { Agent } = require('./agent')
const { Client } = require('./client')
const { Pool } = require('./pool')
const { ForwardProxy, certificateError } = require('./forward-proxy')
const { Socks5ProxyAgent, isSocks } = require('./socks5-proxy-agent')
const { clientOptions } = require('./client-options')
const { Tunnels, tunnelling } = require('./tunnels')
const { connectHead } = require('../core/connect-head')
const { buildConnector } = require('../core/connector')
const { channels } = require('../core/diagnostics')
const { headersForProxy } = require('../core/proxy-headers')
const {
  ConnectTimeoutError, InvalidArgumentError, ProxyConnectionError, RequestAbortedError
} = require('../core/errors')
const { DEFAULT_PORTS } = require('../core/url')

class ProxyAgent extends DispatcherBase {
  #proxy
  #headers
  #proxyServername
  #requestTls
  #connectTimeout
  #connectOrigin
  // Who asks for tunnels; a SOCKS5 proxy is not asked that way.
  #client = null
  #agent

  /**
   * @param {string|URL|object} options the proxy's URL, or see docs/api/ProxyAgent.md
   * @throws {InvalidArgumentError} without `uri`, with both `auth` and `token`, with a `clientFactory` that is no function
   */
  constructor (options) {
    if (!options || (typeof options === 'object' && !(options instanceof URL) && !options.uri)) {
      throw new InvalidArgumentError('Proxy uri is mandatory')
    }
    const given = typeof options === 'string' || options instanceof URL ? { uri: options } : options
    const { clientFactory = defaultClientFactory, factory = defaultFactory } = given
    if (typeof clientFactory !== 'function') {
      throw new InvalidArgumentError('Proxy opts.clientFactory must be a function.')
    }
    if (given.auth && given.token) {
      throw new InvalidArgumentError('opts.auth cannot be used in combination with opts.token')
    }
    const url = new URL(given.uri)
    if (DEFAULT_PORTS[url.protocol] === undefined && !isSocks(url)) {
      throw new InvalidArgumentError('Invalid URL protocol: the URL must start with `http:` or `https:`.')
    }
    super(given)
    const { uri, auth, token, clientFactory: _, proxyTunnel, proxyTls, requestTls, ...rest } = given
    const { connectTimeout } = rest
    if (isSocks(url)) {
      this.#agent = new Socks5ProxyAgent(url, { ...rest, connect: undefined, proxyTls, requestTls })
      return
    }
    this.#proxy = url
    this.#headers = { ...given.headers, ...authorizationOf(given, url) }
    this.#proxyServername = proxyTls?.servername || url.hostname
    this.#requestTls = requestTls
    this.#connectTimeout = connectTimeout
    const connectProxy = buildConnector({ timeout: connectTimeout, ...proxyTls })
    this.#connectOrigin = buildConnector({ timeout: connectTimeout, ...requestTls })
    this.#client = clientFactory(url, { connect: connectProxy })
    const forward = (own) => new ForwardProxy(
      factory(url.origin, { ...own, connect: connectProxy }),
      this.#headers,
      url.protocol === 'https:' ? this.#proxyServername : undefined
    )
    const connect = (params, callback) => this.#tunnel(params).then((socket) => callback(null, socket), callback)
    this.#agent = new Agent({
      ...rest,
      factory: (origin, own) => new URL(origin).protocol === 'http:' && proxyTunnel !== true
        ? forward(own)
        : factory(origin, own),
      // Whoever makes the clients himself has tunnels asked for by these.
      connect: clientFactory === defaultClientFactory ? tunnelling(connect, this.#tunnels(connectProxy)) : connect
    })
  }

  onDispatch (options, handler) {
    const headers = headersForProxy(options.headers)
    // Without an origin the agent says what is wrong.
    if (options.origin && !Object.keys(headers).some((name) => name.toLowerCase() === 'host')) {
      headers.host = new URL(options.origin).host
    }
    return this.#agent.dispatch({ ...options, headers }, handler)
  }

  async onClose () {
    // Requests that wait may still need a tunnel.
    await this.#agent.close()
    await this.#client?.close()
  }

  async onDestroy (error) {
    await Promise.all([this.#agent.destroy(error), this.#client?.destroy(error)])
  }

  // --- inside

  // What the proxy is asked for a tunnel.
  #connectParams ({ protocol, host, port }) {
    return {
      origin: this.#proxy.origin,
      port: this.#proxy.port,
      path: port ? host : `${host}:${DEFAULT_PORTS[protocol]}`,
      headers: { ...this.#headers, host, 'proxy-connection': 'keep-alive' },
      servername: this.#proxyServername
    }
  }

  // The tunnels as the engine makes them: what #tunnel does, as data.
  #tunnels (connectProxy) {
    return new Tunnels(this.#proxy, {
      members: () => ({ proxy: clientOptions({ connect: connectProxy }), origin: clientOptions({ connect: this.#connectOrigin }) }),
      ask: (url, { maxHeaderSize, headersTimeout }) => {
        const connectParams = this.#connectParams(url)
        const { host, ...fields } = connectParams.headers
        const head = connectHead(connectParams.path, host, fields)
        return head && { ...head, maxHeaderSize, headersTimeout, connectParams }
      },
      answerTimeout: this.#connectTimeout > 0 ? this.#connectTimeout : 0,
      keepsServerName: Boolean(this.#requestTls),
      proxyError
    })
  }

  async #tunnel (params) {
    const connectParams = this.#connectParams(params)
    const { socket, statusCode } = await this.#connect(connectParams).catch((error) => {
      throw proxyError(error)
    })
    if (statusCode !== 200) {
      socket.on('error', ignore).destroy()
      throw new RequestAbortedError(`Proxy response (${statusCode}) !== 200 when HTTP Tunneling`)
    }
    if (channels.proxyConnected.hasSubscribers) {
      channels.proxyConnected.publish({ socket, connectParams })
    }
    return params.protocol === 'https:' ? this.#secure(params, socket) : socket
  }

  // A proxy that keeps its answer to itself would hold the request until its head is due. Only a limit that was asked
  // for counts here: how long a proxy takes to reach an origin is not known.
  #connect (connectParams) {
    const limit = this.#connectTimeout
    if (!(limit > 0)) {
      return this.#client.connect(connectParams)
    }
    const { hostname, port, protocol } = this.#proxy
    const address = `${hostname}:${port || DEFAULT_PORTS[protocol]}`
    const controller = new AbortController()
    const timer = setTimeout(() => controller.abort(
      new ConnectTimeoutError(`Connect Timeout Error (attempted address: ${address}, timeout: ${limit}ms)`)
    ), limit)
    return this.#client.connect({ ...connectParams, signal: controller.signal }).finally(() => clearTimeout(timer))
  }

  #secure (params, httpSocket) {
    const servername = this.#requestTls ? this.#requestTls.servername : params.servername
    return new Promise((resolve, reject) => {
      this.#connectOrigin({ ...params, servername, httpSocket }, (error, socket) => error ? reject(error) : resolve(socket))
    })
  }
}

function defaultClientFactory (origin, options) {
  return new Pool(origin, options)
}

function defaultFactory (origin, options) {
  return options.connections === 1 ? new Client(origin, options) : new Pool(origin, options)
}

/** What the proxy is shown: a token as it is, or credentials of the basic scheme (RFC 7617). */
function authorizationOf ({ auth, token }, { username, password }) {
  if (auth) {
    return { 'proxy-authorization': `Basic ${auth}` }
  }
  if (token) {
    return { 'proxy-authorization': token }
  }
  if (!username) {
    return {}
  }
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }
}

// A connection to the proxy that is lost is no lost connection to the origin: nothing is tried again for it.
function proxyError (error) {
  return error.code === 'UND_ERR_SOCKET' ? new ProxyConnectionError(error) : certificateError(error)
}

function ignore () {}

module.exports = { ProxyAgent }
