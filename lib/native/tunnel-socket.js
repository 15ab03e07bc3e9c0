'use strict'

// A connection that left HTTP (CONNECT, or an upgrade) as a Duplex with the face of a net.Socket: octets
// come from and go to the engine, under the name that the exchange had.

const { Duplex } = require('node:stream')

// As for response bodies: half of the smallest window.
const RELEASE_THRESHOLD = 32 * 1024

class TunnelSocket extends Duplex {
  // The engine's name for this tunnel; the link sets and clears it.
  slot = -1
  isStarving = true
  generation = 0
  // As an exchange has them.
  wantsPause = false
  isToldPause = false
  isPausing = false

  connecting = false
  pending = false
  bytesRead = 0
  bytesWritten = 0
  timeout = undefined

  #link
  #capacity = 0
  #waiting = null
  #taken = 0
  #isPaused = false
  #isReferenced = true
  #timer = null
  #session

  /**
   * @param {object} link what a tunnel may ask of the engine
   * @param {object|null} session the addresses of both ends
   */
  constructor (link, session) {
    super({ allowHalfOpen: false, highWaterMark: 64 * 1024, emitClose: false })
    this.#link = link
    this.#session = session
  }

  get localAddress () { return this.#session?.localAddress }
  get localPort () { return this.#session?.localPort }
  get localFamily () { return this.#session?.remoteFamily }
  get remoteAddress () { return this.#session?.remoteAddress }
  get remotePort () { return this.#session?.remotePort }
  get remoteFamily () { return this.#session?.remoteFamily }

  get readyState () {
    if (this.readable && this.writable) {
      return 'open'
    }
    return this.readable ? 'readOnly' : this.writable ? 'writeOnly' : 'closed'
  }

  /** Where an error of this tunnel finds the facts of its session. The socket itself has no `session`: that is HTTP/2's. */
  get owner () {
    return { route: { session: this.#session } }
  }

  address () {
    return this.localAddress === undefined
      ? {}
      : { address: this.localAddress, family: this.localFamily, port: this.localPort }
  }

  // The engine set these when it connected; they are accepted for the sake of those who set them again.
  setNoDelay () { return this }
  setKeepAlive () { return this }

  /** 'timeout' is emitted after so many milliseconds without traffic; 0: never. */
  setTimeout (milliseconds, listener) {
    clearTimeout(this.#timer)
    this.#timer = null
    this.timeout = milliseconds
    if (milliseconds > 0) {
      this.#timer = setTimeout(() => this.emit('timeout'), milliseconds)
      this.#timer.unref()
      if (listener !== undefined) {
        this.once('timeout', listener)
      }
    } else if (listener !== undefined) {
      this.removeListener('timeout', listener)
    }
    return this
  }

  ref () {
    this.#reference(true)
    return this
  }

  unref () {
    this.#reference(false)
    return this
  }

  /** Ends both ways once what was written has gone. */
  destroySoon () {
    if (this.writable) {
      this.end()
    }
    if (this.writableFinished) {
      this.destroy()
    } else {
      this.once('finish', this.destroy)
    }
  }

  resetAndDestroy () {
    return this.destroy()
  }

  // --- from the engine

  data (memory, start, end) {
    const chunk = memory.keep(start, end)
    this.bytesRead += chunk.length
    this.#taken += chunk.length
    this.#timer?.refresh()
    if (!this.push(chunk)) {
      this.#isPaused = true
      this.#link.pause(this)
    } else {
      this.#release()
    }
  }

  /** When the steps of an exchange were done: this is none. */
  time () {}

  /** The peer sends nothing more. */
  complete () {
    this.push(null)
    // As net.Socket does: 'end' comes also where nobody reads, if nothing is left to read. But whoever waits for the
    // promise of this socket may not have it yet, where the end came with the head.
    setImmediate(() => this.read(0))
  }

  capacity (octets) {
    this.#capacity += octets
    this.#write()
  }

  fail (error) {
    this.#forget(true)
    this.destroy(error)
  }

  /** The answer to an abort. */
  released () {}

  /** The engine was told of a pause: whether a tunnel holds the event loop is for `ref` and `unref` to say. */
  halted () {}

  // --- Duplex

  _read () {
    if (this.#isPaused) {
      this.#isPaused = false
      this.#link.resume(this)
      this.#release()
    }
  }

  _write (chunk, encoding, callback) {
    this.#waiting = { octets: chunk, callback }
    this.#write()
  }

  _final (callback) {
    if (this.slot !== -1) {
      this.#link.finish(this)
    }
    callback()
  }

  _destroy (error, callback) {
    clearTimeout(this.#timer)
    // Where both ways have ended the engine closes the connection when the last octets are written: an abort
    // could overtake them.
    this.#forget(error === null && this.writableFinished && this.readableEnded)
    this.#waiting = null
    callback(error)
    // Behind 'error'. As a net.Socket it says whether there was one.
    process.nextTick(() => this.emit('close', Boolean(error)))
  }

  // --- inside

  #write () {
    if (this.#waiting === null || this.#capacity === 0 || this.slot === -1) {
      return
    }
    const { octets, callback } = this.#waiting
    const piece = octets.subarray(0, this.#capacity)
    this.#capacity -= piece.length
    this.bytesWritten += piece.length
    this.#timer?.refresh()
    this.#link.chunk(this, piece)
    if (piece.length < octets.length) {
      this.#waiting.octets = octets.subarray(piece.length)
    } else {
      this.#waiting = null
      callback()
    }
  }

  #release () {
    if (this.#taken >= RELEASE_THRESHOLD) {
      this.#link.release(this, this.#taken)
      this.#taken = 0
    }
  }

  #forget (engineKnows) {
    this.#reference(true)
    this.#link.forgetTunnel(this, engineKnows)
  }

  #reference (isReferenced) {
    if (this.#isReferenced !== isReferenced && this.slot !== -1) {
      this.#isReferenced = isReferenced
      this.#link.reference(isReferenced)
    }
  }
}

module.exports = { TunnelSocket }
