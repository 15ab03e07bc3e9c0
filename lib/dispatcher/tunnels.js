'use strict'

// What the connector of a proxy's agent does, said as data: where the proxy is, how it is asked for a tunnel, and what
// is spoken inside. The engine then does the same by itself, and the connector is for what it cannot do.

const { Route } = require('./route')

// The tunnels by their connector.
const known = new WeakMap()

class Tunnels {
  #proxy
  #options
  #via = null

  /**
   * @param {{ protocol: string, hostname: string, host: string, port: string|number }} proxy `https:` for TLS with it
   * @param {object} options
   * @param {() => { proxy: object, origin: object }} options.members the options of clients that connect to the proxy,
   *   and to an origin; may throw
   * @param {(url: URL, proxy: object) => object|null} options.ask how it is asked for a tunnel to that origin: `{ kind, … }`; null
   *   where the engine cannot ask so
   * @param {number} options.answerTimeout how long that may take, in milliseconds; 0 for no limit
   * @param {boolean} options.keepsServerName whether origins speak for one name, whatever a request asks for
   * @param {(error: Error) => Error} options.proxyError what an error of the connection to the proxy is to the request
   */
  constructor (proxy, options) {
    this.#proxy = proxy
    this.#options = options
  }

  /**
   * The way to an origin, as the engine takes it.
   *
   * @param {URL} url
   * @param {object} engine what it can do of TLS
   * @param {string} name whom the certificate of the origin must speak for, unless the options name another
   * @returns {object|null} null where the engine cannot do that
   */
  to (url, engine, name) {
    let members
    try {
      members = this.#options.members()
    } catch {
      // The connector says what is wrong.
      return null
    }
    const { proxy, origin } = members
    this.#via ??= new Route(this.#proxy, proxy.connect, engine)
    const ask = this.#options.ask(url, proxy)
    if (ask === null || !this.#via.isForEngine()) {
      return null
    }
    const serverName = origin.connect.servername ?? name
    let security = null
    if (url.protocol === 'https:') {
      security = origin.connect.transport(url, engine, serverName).security
      if (security === null) {
        return null
      }
    }
    const { answerTimeout, keepsServerName, proxyError } = this.#options
    return {
      via: this.#via,
      ask,
      answerTimeout,
      security,
      serverName,
      keepsServerName,
      secureTimeout: origin.connect.connectTimeout,
      proxyError
    }
  }
}

/** The engine may do as the tunnels say instead of calling this connector. Returns the connector. */
function tunnelling (connector, tunnels) {
  known.set(connector, tunnels)
  return connector
}

/** What a connector would do; undefined for one that is not of a proxy's agent. */
function tunnelsOf (connector) {
  return known.get(connector)
}

module.exports = { Tunnels, tunnelling, tunnelsOf }
