'use strict'

// upgrade(): the connection changes to another protocol (RFC 9110 section 7.8).

const { Call, checks, assertCall, assertOptions, called, promised } = require('./call')
const { SocketError } = require('../core/errors')

const CHECKS = [checks.callback, checks.signal]

class UpgradeHandler extends Call {
  constructor (options, callback) {
    assertOptions(options)
    const { signal, opaque, responseHeaders } = options
    assertCall(CHECKS, { callback, signal })
    super('UNDICI_UPGRADE', { opaque, responseHeaders, signal }, callback)
  }

  onResponseStart () {
    throw new SocketError('bad upgrade', null)
  }

  onRequestUpgrade (controller, statusCode, headers, socket) {
    if (statusCode !== 101) {
      controller.abort(new SocketError('bad upgrade', {
        localAddress: socket.localAddress,
        localPort: socket.localPort,
        remoteAddress: socket.remoteAddress,
        remotePort: socket.remotePort,
        remoteFamily: socket.remoteFamily,
        timeout: socket.timeout,
        bytesWritten: socket.bytesWritten,
        bytesRead: socket.bytesRead
      }))
      return
    }
    this.unlisten()
    this.succeed({
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

function upgrade (options, callback) {
  if (callback === undefined) {
    return promised((callback) => upgrade.call(this, options, callback))
  }
  called(options, callback, () => {
    const call = new UpgradeHandler(options, callback)
    this.dispatch({ ...options, method: options.method || 'GET', upgrade: options.protocol || 'Websocket' }, call)
  })
}

module.exports = { upgrade }
