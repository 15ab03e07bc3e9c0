'use strict'

// What a WebSocketStream fails with. Source: the WebSockets standard (https://github.com/whatwg/websockets/pull/48).

const { dictionary, integerUpTo, describe, scalarString, string } = require('./idl')

const NORMAL_CLOSURE = 1000
const REASON_LIMIT = 123

/** The members that say how a connection is closed. */
const closeInfo = {
  closeCode: [integerUpTo(65535), null],
  reason: [scalarString, '']
}

const isAllowed = (code) => code === null || code === NORMAL_CLOSURE || (code >= 3000 && code <= 4999)

// Makes one of what came, which may have any code.
let received

class WebSocketError extends DOMException {
  #closeCode = null
  #reason = ''

  /**
   * @param {string} [message]
   * @param {{ closeCode?: number, reason?: string }} [init] with a reason alone the code is 1000
   * @throws {DOMException} InvalidAccessError: the code is neither 1000 nor from 3000 to 4999; SyntaxError: the reason is
   *   longer than 123 octets
   */
  constructor (message = '', init = undefined) {
    super(string(message), 'WebSocketError')
    // Some versions of Node.js make all of these plain DOMExceptions.
    Object.setPrototypeOf(this, new.target.prototype)
    const { closeCode, reason } = dictionary(init, closeInfo)
    if (!isAllowed(closeCode)) {
      throw new DOMException('invalid code', 'InvalidAccessError')
    }
    const length = Buffer.byteLength(reason)
    if (length > REASON_LIMIT) {
      throw new DOMException(`Reason must be less than 123 bytes; received ${length}`, 'SyntaxError')
    }
    this.#closeCode = closeCode ?? (reason === '' ? null : NORMAL_CLOSURE)
    this.#reason = reason
  }

  /** null: there was none. */
  get closeCode () {
    return this.#closeCode
  }

  get reason () {
    return this.#reason
  }

  static {
    received = (message, closeCode, reason) => {
      const error = new WebSocketError(message)
      error.#closeCode = closeCode
      error.#reason = reason
      return error
    }
  }
}

describe(WebSocketError, ['closeCode', 'reason'])

module.exports = { WebSocketError, closeInfo, received }
