'use strict'

// A dispatcher that goes by the proxies that the environment names (`http_proxy`, `https_proxy`, `no_proxy`), or by
// none.

const { DispatcherBase } = require('./dispatcher-base')
const { Agent } = require('./agent')
const { ProxyAgent } = require('./proxy-agent')
const { NoProxy, trimmed } = require('../core/no-proxy')
const { DEFAULT_PORTS } = require('../core/url')

class EnvHttpProxyAgent extends DispatcherBase {
  #noProxyOption
  #list
  #noProxy
  #direct
  #http
  #https

  /**
   * @param {object} [options] those of a ProxyAgent, and `httpProxy`, `httpsProxy`, `noProxy` in place of what the
   *   environment says; see docs/api/EnvHttpProxyAgent.md
   */
  constructor (options = {}) {
    super(options)
    const { httpProxy, httpsProxy, noProxy, allProxy = true, ...rest } = options
    const all = allProxy ? process.env.all_proxy ?? process.env.ALL_PROXY : undefined
    const http = httpProxy ?? process.env.http_proxy ?? process.env.HTTP_PROXY ?? all
    const https = httpsProxy ?? process.env.https_proxy ?? process.env.HTTPS_PROXY ?? all
    this.#noProxyOption = noProxy
    this.#direct = new Agent(rest)
    this.#http = http ? new ProxyAgent({ ...rest, uri: http }) : this.#direct
    this.#https = https ? new ProxyAgent({ ...rest, uri: https }) : this.#http
  }

  onDispatch (options, handler) {
    return this.#agentFor(new URL(options.origin)).dispatch(options, handler)
  }

  async onClose () {
    await Promise.all(Array.from(this.#agents(), (agent) => agent.close()))
  }

  async onDestroy (error) {
    await Promise.all(Array.from(this.#agents(), (agent) => agent.destroy(error)))
  }

  // --- inside

  #agents () {
    return new Set([this.#direct, this.#http, this.#https])
  }

  #agentFor ({ protocol, hostname, port }) {
    const host = trimmed(hostname.replace(/^\[(.+)\]$/, '$1').toLowerCase())
    if (this.#exceptions().includes(host, Number(port) || DEFAULT_PORTS[protocol] || 0)) {
      return this.#direct
    }
    return protocol === 'https:' ? this.#https : this.#http
  }

  // The environment may change while the program runs.
  #exceptions () {
    const list = this.#noProxyOption ?? process.env.no_proxy ?? process.env.NO_PROXY ?? ''
    if (this.#list !== list) {
      this.#list = list
      this.#noProxy = new NoProxy(list)
    }
    return this.#noProxy
  }
}

module.exports = { EnvHttpProxyAgent }
