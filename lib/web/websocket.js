'use strict'

// The WebSocket: Node.js's own, over our dispatcher. It keeps its socket to itself, so that the socket is taken as the
// dispatcher hands it over; what needs it (`ping`, back-pressure) is built on that.

const { getGlobalDispatcher } = require('../global')
const { UnderstoodDispatcher } = require('./understood-dispatcher')

// RFC 6455, sections 5.2 and 5.5.2.
const FINAL_PING = 0x89
const MASKED = 0x80
const CONTROL_LIMIT = 125

// WebSocket → its socket, null until it has one.
const sockets = new WeakMap()

// A dispatcher of any package that tells of the socket of each upgrade. Node.js's handlers are of either generation.
class Watched extends UnderstoodDispatcher {
  #tell

  constructor (dispatcher, tell) {
    super(dispatcher)
    this.#tell = tell
  }

  // In either generation of handlers the socket is the last argument.
  dispatch (options, handler) {
    const tell = this.#tell
    for (const name of ['onUpgrade', 'onRequestUpgrade']) {
      const own = handler[name]
      if (typeof own === 'function') {
        handler[name] = function (...values) {
          tell(values.at(-1))
          return own.apply(this, values)
        }
      }
    }
    return super.dispatch(options, handler)
  }
}

const isInit = (options) => options == null || (typeof options === 'object' && options[Symbol.iterator] == null)

// The second argument in its long form, with another dispatcher.
function watched (options, tell) {
  const init = isInit(options) ? options ?? {} : { protocols: options }
  const dispatcher = new Watched(init.dispatcher ?? getGlobalDispatcher(), tell)
  return Object.create(init, { dispatcher: { value: dispatcher, enumerable: true } })
}

/** Node.js's class, whose constructor connects over our dispatcher unless its options say another. */
function overOurs (Own) {
  return new Proxy(Own, {
    construct (target, values, newTarget) {
      if (values.length === 0) {
        return Reflect.construct(target, values, newTarget)
      }
      const [url, options, ...rest] = values
      let instance = null
      const init = watched(options, (socket) => sockets.set(instance, socket))
      instance = Reflect.construct(target, [url, init, ...rest], newTarget)
      sockets.set(instance, null)
      return instance
    }
  })
}

/** The socket of a WebSocket of this package, null until it has one; undefined for any other. */
function socketOf (webSocket) {
  return sockets.get(webSocket)
}

/**
 * Sends a ping on a WebSocket of this package. Nothing is sent where it is not open.
 *
 * @param {WebSocket} webSocket
 * @param {Buffer} [payload] what the pong will have, at most 125 octets
 * @throws {TypeError} for either argument
 */
const ping = (webSocket, payload) => {
  if (Buffer.isBuffer(payload)) {
    if (payload.length > CONTROL_LIMIT) {
      throw new TypeError('A PING frame cannot have a body larger than 125 bytes.')
    }
  } else if (payload !== undefined) {
    throw new TypeError('Expected buffer payload')
  }
  if (!sockets.has(webSocket)) {
    throw new TypeError('Expected a WebSocket of this package')
  }
  if (webSocket.readyState === webSocket.OPEN) {
    sockets.get(webSocket).write(frame(payload ?? Buffer.alloc(0)))
  }
}

function frame (payload) {
  const octets = Buffer.alloc(6 + payload.length)
  octets[0] = FINAL_PING
  octets[1] = MASKED | payload.length
  const mask = require('node:crypto').randomFillSync(octets.subarray(2, 6))
  payload.forEach((octet, index) => {
    octets[6 + index] = octet ^ mask[index % 4]
  })
  return octets
}

module.exports = { overOurs, ping, socketOf }
