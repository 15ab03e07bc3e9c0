'use strict'

// A WebSocket as a pair of streams, on the WebSocket of this package. Source: the WebSockets standard
// (https://github.com/whatwg/websockets/pull/48), as undici 7 has it.

const { isAnyArrayBuffer } = require('node:util/types')
const { builtin } = require('./builtins')
const { assertCount, describe, dictionary, scalarString, strings } = require('./idl')
const { getGlobalOrigin } = require('./origin')
const { WebSocketError, closeInfo, received } = require('./websocket-error')
const { socketOf } = require('./websocket')
const { isToken } = require('../core/headers')

const SCHEMES = { 'http:': 'ws:', 'https:': 'wss:' }

// RFC 6455, section 7.1.5.
const NEVER_OPENED = { wasClean: false, code: 1006, reason: '' }

function signalOrNull (value) {
  if (value !== null && !(value instanceof AbortSignal)) {
    throw new TypeError('Expected signal to be an instance of AbortSignal.')
  }
  return value
}

const members = {
  protocols: [strings, []],
  signal: [signalOrNull, null],
  // Those of the constructor of WebSocket.
  dispatcher: [(value) => value],
  headers: [(value) => value]
}

function syntaxError (message) {
  return new DOMException(message, 'SyntaxError')
}

function targetOf (value) {
  const url = URL.canParse(value, getGlobalOrigin()?.href) ? new URL(value, getGlobalOrigin()) : null
  if (url === null) {
    throw syntaxError('Invalid URL')
  }
  url.protocol = SCHEMES[url.protocol] ?? url.protocol
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') {
    throw syntaxError(`Expected a ws: or wss: url, got ${url.protocol}`)
  }
  if (url.hash !== '' || url.href.endsWith('#')) {
    throw syntaxError('hash')
  }
  return url.href
}

function deferred () {
  const result = {}
  result.promise = new Promise((resolve, reject) => Object.assign(result, { resolve, reject }))
  return result
}

// It has room again, or is gone.
function drained (socket) {
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done).off('close', done)
      resolve()
    }
    socket.on('drain', done).on('close', done)
  })
}

class WebSocketStream {
  #url
  #opened = deferred()
  #closed = deferred()
  #socket = null
  #readable = null
  #writable = null
  // The reader has enough; the connection is not read.
  #isHeld = false

  /**
   * @param {string|URL} url
   * @param {{ protocols?: string[], signal?: AbortSignal, dispatcher?: object, headers?: object }} [options] the signal
   *   ends the attempt to connect
   * @throws {DOMException} SyntaxError, for the URL and the protocols
   * @throws {NotSupportedError} this Node.js has no WebSocket
   */
  constructor (url, options = undefined) {
    assertCount('WebSocketStream constructor', arguments, 1)
    const target = scalarString(url)
    const { protocols, signal, ...init } = dictionary(options, members)
    this.#url = targetOf(target)
    if (!protocols.every(isToken) || new Set(protocols.map((one) => one.toLowerCase())).size !== protocols.length) {
      throw syntaxError('Invalid Sec-WebSocket-Protocol value')
    }
    // Who waits for it to open hears enough.
    this.#closed.promise.catch(() => {})
    if (signal?.aborted) {
      this.#fail(signal.reason, signal.reason)
      return
    }
    const WebSocket = builtin('WebSocket')
    this.#socket = new WebSocket(this.#url, { ...init, protocols })
    this.#socket.binaryType = 'arraybuffer'
    this.#listen(signal)
  }

  get url () {
    return this.#url
  }

  /** Of `{ readable, writable, protocol, extensions }`. */
  get opened () {
    return this.#opened.promise
  }

  /** Of `{ closeCode, reason }` once both ends have closed; rejects with a WebSocketError where one did not. */
  get closed () {
    return this.#closed.promise
  }

  /**
   * @param {{ closeCode?: number, reason?: string }} [info]
   * @throws {DOMException} as the constructor of WebSocketError
   */
  close (info = undefined) {
    const { closeCode, reason } = dictionary(info, closeInfo)
    const error = new WebSocketError('', { closeCode: closeCode ?? undefined, reason })
    this.#close(error.closeCode, error.reason)
  }

  // --- inside

  #listen (signal) {
    const abort = () => {
      // What becomes of the attempt is of no interest any more.
      this.#fail(signal.reason, signal.reason)
      this.#socket.close()
    }
    const events = {
      open: () => {
        signal?.removeEventListener('abort', abort)
        this.#open()
      },
      message: ({ data }) => this.#receive(data),
      // Before Node.js 24 an attempt that failed has no 'close'.
      error: () => {
        if (this.#writable === null) {
          events.close(NEVER_OPENED)
        }
      },
      close: (event) => {
        signal?.removeEventListener('abort', abort)
        this.#end(event)
      }
    }
    for (const [name, listener] of Object.entries(events)) {
      this.#socket.addEventListener(name, listener)
    }
    signal?.addEventListener('abort', abort)
  }

  #fail (opening, closing) {
    this.#opened.reject(opening)
    this.#closed.reject(closing)
  }

  #open () {
    const { extensions, protocol } = this.#socket
    const readable = new ReadableStream({
      start: (controller) => { this.#readable = controller },
      pull: () => this.#resume(),
      cancel: (reason) => {
        this.#readable = null
        this.#resume()
        this.#closeFor(reason)
      }
    })
    const writable = new WritableStream({
      start: (controller) => { this.#writable = controller },
      write: (chunk) => this.#send(chunk),
      close: () => this.#close(null, ''),
      abort: (reason) => this.#closeFor(reason)
    })
    this.#answerResume()
    this.#opened.resolve({ extensions, protocol, readable, writable })
  }

  // Node.js's class reads on whenever it has taken in what came, whoever said stop.
  #answerResume () {
    const socket = socketOf(this.#socket)
    const { resume } = socket
    socket.resume = () => this.#isHeld ? socket : resume.call(socket)
  }

  #receive (data) {
    if (this.#readable === null || this.#socket.readyState !== this.#socket.OPEN) {
      return
    }
    this.#readable.enqueue(typeof data === 'string' ? data : new Uint8Array(data))
    if (this.#readable.desiredSize <= 0) {
      this.#isHeld = true
      socketOf(this.#socket).pause()
    }
  }

  #resume () {
    if (this.#isHeld) {
      this.#isHeld = false
      socketOf(this.#socket).resume()
    }
  }

  async #send (chunk) {
    if (typeof chunk !== 'string' && !ArrayBuffer.isView(chunk) && !isAnyArrayBuffer(chunk)) {
      throw new TypeError('Expected a string or a BufferSource')
    }
    this.#socket.send(chunk)
    const socket = socketOf(this.#socket)
    if (socket.writableNeedDrain) {
      await drained(socket)
    }
  }

  #close (code, reason) {
    // The answer has to be read.
    this.#resume()
    if (code === null) {
      this.#socket?.close()
    } else {
      this.#socket?.close(code, reason)
    }
  }

  #closeFor (reason) {
    if (reason instanceof WebSocketError) {
      this.#close(reason.closeCode, reason.reason)
    } else {
      this.#close(null, '')
    }
  }

  #end ({ wasClean, code, reason }) {
    if (wasClean) {
      this.#readable?.close()
      this.#writable.error(new DOMException('A closed WebSocketStream cannot be written to', 'InvalidStateError'))
      this.#closed.resolve({ closeCode: code, reason })
      return
    }
    const error = received('unclean close', code, reason)
    this.#readable?.error(error)
    this.#writable?.error(error)
    this.#fail(new WebSocketError('Socket never opened'), error)
  }
}

describe(WebSocketStream, ['url', 'opened', 'closed', 'close'])

module.exports = { WebSocketStream }
