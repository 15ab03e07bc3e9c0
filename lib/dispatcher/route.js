'use strict'

// The way to an origin, or to a proxy: who connects (the engine, or a connector in JavaScript that lends its sockets),
// what the engine has to know for it, and what the diagnostics channels and errors tell of it. How many connections there
// are, and what goes over them, is not known here.

const { domainToASCII } = require('node:url')
const { channels } = require('../core/diagnostics')
const { NotSupportedError } = require('../core/errors')
const { DEFAULT_PORTS } = require('../core/url')

class Route {
  /** The two ends of the connection; with several, what they have in common. */
  session = null

  #url
  #isSecure
  #connect
  #engine
  // How connections are made, from the first on: by a connector in JavaScript, or by the engine, with TLS or without, or
  // through a tunnel.
  #transport = null
  // Sockets that were lent and that the engine has not said are connected.
  #lent = []

  /**
   * @param {URL|object} url the origin, or as much of a proxy's
   * @param {ConnectOptions} connect see connect-options.js
   * @param {object} engine what it can do of TLS
   */
  constructor (url, connect, engine) {
    this.#url = url
    this.#isSecure = url.protocol === 'https:'
    this.#connect = connect
    this.#engine = engine
  }

  // --- for the errors of the engine

  get host () {
    const { hostname } = this.#url
    return hostname[0] === '[' ? hostname.slice(1, -1) : hostname
  }

  get port () {
    return Number(this.#url.port) || DEFAULT_PORTS[this.#url.protocol]
  }

  get localAddress () {
    return this.#connect.localAddress ?? undefined
  }

  /** Whom the certificate of a server must speak for. */
  get serverName () {
    return this.#connect.servername ?? this.host
  }

  get connectTimeout () {
    return this.tunnel?.secureTimeout ?? this.#connect.connectTimeout
  }

  /** The tunnels that connections are made through; null where there is none. */
  get tunnel () {
    return this.#transport?.tunnel ?? null
  }

  // --- for the sockets that are lent

  /**
   * Has the connector connect, to a peer of this name where there is one; `answer` hears of the outcome. Where there
   * was none, the engine's TLS does not get on with the peer, and Node's may.
   */
  connectSocket (serverName, isOpen, answer) {
    this.#transport.connector ??= this.#connect.connector()
    const { version, ...params } = this.#connectParams(isOpen)
    this.#transport.connector({ ...params, servername: serverName || null }, answer)
  }

  /** A socket is lent to the engine. */
  lent (socket) {
    this.#lent.push(socket)
  }

  /** The engine wants it no more; it may have failed before it was said to be connected. */
  returned (socket) {
    const at = this.#lent.indexOf(socket)
    if (at !== -1) {
      this.#lent.splice(at, 1)
    }
  }

  // --- for the dispatcher

  /** Whom a request asks for: empty for whom all do that do not ask for another. */
  serverNameFor ({ servername }) {
    return this.#isSecure && servername !== null && servername !== this.serverName ? asciiOf(servername) : ''
  }

  /** The engine can connect by itself, and without a tunnel. */
  isForEngine () {
    return this.#prepare().connector === null
  }

  /** What the engine has to know to connect. */
  options () {
    const connect = this.#connect
    const { connector, security, tunnel } = this.#prepare()
    // Whoever wants to be told of the sockets of tunnels gets sockets.
    const areShown = tunnel?.ask.connectParams !== undefined && channels.proxyConnected.hasSubscribers
    if (tunnel !== null && !areShown) {
      return { ...tunnel.via.options(), tunnel }
    }
    return {
      host: this.host,
      port: this.port,
      socketPath: connect.socketPath,
      localAddress: connect.localAddress,
      // A connector minds its time itself.
      connectTimeout: connector === null ? connect.connectTimeout : 0,
      attemptTimeout: connect.attemptTimeout,
      tcpKeepAlive: connect.tcpKeepAlive,
      noDelay: connect.noDelay,
      typeOfService: connect.typeOfService,
      security,
      serverName: security === null ? '' : this.serverName,
      tunnel: null,
      lendsSockets: connector !== null,
      announceConnecting: channels.beforeConnect.hasSubscribers
    }
  }

  /** A connection is being made. */
  connecting (isOpen) {
    if (channels.beforeConnect.hasSubscribers) {
      channels.beforeConnect.publish({ connectParams: this.#connectParams(isOpen), connector: this.#connector() })
    }
  }

  /** A connection is there; with `isOpen` it is not the only one. */
  connected (session, isOpen) {
    const lent = this.#lent.shift()
    const socket = lent ?? session
    this.session = isOpen ? shared(this.session, session) : session
    if (channels.connected.hasSubscribers) {
      channels.connected.publish({ connectParams: this.#connectParams(true), connector: this.#connector(), socket })
    }
    // Of a tunnel in a lent socket its connector has told.
    const connectParams = this.tunnel?.ask.connectParams
    if (connectParams !== undefined && lent === undefined && channels.proxyConnected.hasSubscribers) {
      channels.proxyConnected.publish({ socket, connectParams })
    }
  }

  /** A connection could not be made. */
  failed (error, isOpen) {
    if (channels.connectError.hasSubscribers) {
      channels.connectError.publish({ connectParams: this.#connectParams(isOpen), connector: this.#connector(), error })
    }
  }

  // --- inside

  #prepare () {
    return (this.#transport ??= this.#connect.transport(this.#url, this.#engine, this.serverName))
  }

  #connector () {
    return this.#transport.connector ?? connect
  }

  #connectParams (isOpen) {
    const { host, protocol, port } = this.#url
    return {
      host,
      hostname: this.host,
      protocol,
      port,
      version: isOpen ? 'h1' : undefined,
      servername: null,
      localAddress: this.#connect.localAddress
    }
  }
}

/** Stands for the connector in the messages of the diagnostics channels: the engine connects by itself. */
function connect () {
  throw new NotSupportedError('the engine connects by itself')
}

/** A name as TLS has it; what cannot be one stays as it is, and no certificate speaks for it. */
function asciiOf (name) {
  return domainToASCII(name) || name
}

/**
 * What two sessions have in common: a fact that is not sure is not told. `one` itself where that is all of it, as it soon
 * is: this is done for every connection.
 */
function shared (one, other) {
  let facts = one
  for (const name in one) {
    if (one[name] !== undefined && one[name] !== other[name]) {
      if (facts === one) {
        facts = { ...one }
      }
      facts[name] = undefined
    }
  }
  return facts
}

module.exports = { Route }
