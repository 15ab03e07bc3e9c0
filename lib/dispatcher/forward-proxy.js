'use strict'

// Requests for an http: origin as a proxy takes them without a tunnel: with the whole URL as their target.

const { DispatcherBase } = require('./dispatcher-base')
const { DecoratorHandler } = require('../handler/decorator-handler')
const { InvalidArgumentError, SecureProxyConnectionError } = require('../core/errors')

class ForwardProxy extends DispatcherBase {
  #dispatcher
  #headers
  #servername

  /**
   * @param {Dispatcher} dispatcher of the proxy
   * @param {object} headers that go to the proxy with each request
   * @param {string} [servername] whom the proxy's certificate must speak for, whatever the host field says
   */
  constructor (dispatcher, headers, servername) {
    super()
    this.#dispatcher = dispatcher
    this.#headers = headers
    this.#servername = servername
    for (const event of ['connect', 'disconnect', 'drain']) {
      dispatcher.on(event, (origin, targets, ...rest) => this.emit(event, origin, [this, ...targets], ...rest))
    }
    dispatcher.on('connectionError', (origin, targets, error) =>
      this.emit('connectionError', origin, [this, ...targets], certificateError(error)))
  }

  get stats () {
    return this.#dispatcher.stats
  }

  onDispatch (options, handler) {
    const { origin, path = '/', headers } = options
    return this.#dispatcher.dispatch({
      ...options,
      origin: undefined,
      path: `${origin instanceof URL ? origin.origin : origin}${path}`,
      headers: { ...this.#headers, ...headers },
      servername: this.#servername ?? options.servername
    }, new ProxyAnswer(handler))
  }

  onClose () {
    return this.#dispatcher.close()
  }

  onDestroy (error) {
    return this.#dispatcher.destroy(error)
  }
}

// A proxy that wants to be shown credentials (407) has not asked the origin: its answer is an error. A certificate is the proxy's.
class ProxyAnswer extends DecoratorHandler {
  onResponseStart (controller, statusCode, headers, statusText) {
    if (statusCode === 407) {
      controller.abort(new InvalidArgumentError('Proxy Authentication Required (407)'))
    } else {
      super.onResponseStart(controller, statusCode, headers, statusText)
    }
  }

  onResponseError (controller, error) {
    super.onResponseError(controller, certificateError(error))
  }
}

/** What an error is that a connection to a proxy failed with. */
function certificateError (error) {
  return error.code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? new SecureProxyConnectionError(error) : error
}

module.exports = { ForwardProxy, certificateError }
