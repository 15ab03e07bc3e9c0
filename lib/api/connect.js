'use strict'

// connect(): two-way communication with a resource by way of HTTP CONNECT (RFC 9110 section 9.3.6).

const { Call, checks, assertCall, assertOptions, called, promised } = require('./call')
const { SocketError } = require('../core/errors')

const CHECKS = [checks.callback, checks.signal]

class ConnectHandler extends Call {
  constructor (options, callback) {
    assertOptions(options)
    const { signal, opaque, responseHeaders } = options
    assertCall(CHECKS, { callback, signal })
    super('UNDICI_CONNECT', { opaque, responseHeaders, signal }, callback)
  }

  onResponseStart () {
    throw new SocketError('bad connect', null)
  }

  onRequestUpgrade (controller, statusCode, headers, socket) {
    this.unlisten()
    this.succeed({
      statusCode,
      headers: this.headersFrom(controller, headers),
      socket,
      opaque: this.opaque,
      context: this.context
    })
  }

  onResponseError (controller, error) {
    this.unlisten()
    this.fail(error)
  }
}

function connect (options, callback) {
  if (callback === undefined) {
    return promised((callback) => connect.call(this, options, callback))
  }
  called(options, callback, () => {
    const call = new ConnectHandler(options, callback)
    this.dispatch({ ...options, method: 'CONNECT' }, call)
  })
}

module.exports = { connect }
