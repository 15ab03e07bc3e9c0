'use strict'

// Pulls a streamed request body from its source as the engine grants capacity, and hands it over piece by
// piece. The source is a stream.Readable, an (async) iterable, or one large piece of memory.
//
//   WAITING ──first capacity──► FLOWING ──source ended──► ENDING ──all handed over──► OVER
//      └──────────── close ────────┴────────────────────────┴───────────────────────────┘

const { RequestContentLengthMismatchError, RequestAbortedError } = require('../core/errors')
const { destroy, isStream, plainOctets } = require('../core/streams')

const WAITING = 0
const FLOWING = 1
const ENDING = 2
const OVER = 3

class BodyPump {
  #exchange
  #link
  #content
  #isStrict
  #state = WAITING
  #capacity = 0
  #handedOver = 0
  // What found no capacity yet: the octets, and the chunk as the source gave it.
  #rest = null
  #chunk = null
  #onRoom = null
  #hasWarned = false

  /**
   * @param {object} exchange hears `bodyPieceSent`, `bodyChunkSent`, `bodySent` and `abort`
   * @param {object} link `chunk(exchange, octets)` and `finish(exchange)`
   * @param {object} content see lib/core/body.js
   * @param {boolean} isStrict a body that is not as long as declared fails its exchange
   */
  constructor (exchange, link, content, isStrict) {
    this.#exchange = exchange
    this.#link = link
    this.#content = content
    this.#isStrict = isStrict
  }

  /** The engine takes so many more octets. */
  capacity (octets) {
    this.#capacity += octets
    if (this.#state === WAITING) {
      this.#state = FLOWING
      this.#exchange.run(() => this.#open())
    } else {
      this.#handOver()
    }
  }

  /** The exchange is over: nobody waits for the rest. `error`: why, where the connection failed. */
  close (error) {
    const { source, length } = this.#content
    // A source of known length may not have said yet that it has ended: then it is let to.
    const isDone = error === undefined && (this.#state === OVER || this.#handedOver === length)
    this.#state = OVER
    this.#rest = null
    this.#chunk = null
    if (!isStream(source) || isDone) {
      this.#onRoom?.()
    } else {
      // What we make it end with is not news to anybody.
      source.on('error', ignore)
      destroy(source, error)
    }
  }

  // --- sources

  #open () {
    const { kind, source, bytes } = this.#content
    if (kind === 'bytes') {
      this.#write(bytes)
      this.#end()
    } else if (kind === 'stream') {
      this.#listen(source)
    } else {
      this.#iterate(source)
    }
  }

  #listen (source) {
    let isFinished = false
    const finished = (error) => {
      if (isFinished) {
        return
      }
      isFinished = true
      source.removeListener('data', onData).removeListener('end', onEnd).removeListener('close', onClose)
      if (error) {
        this.#exchange.abort(error)
      } else {
        this.#end()
      }
    }
    const onData = (chunk) => {
      if (this.#state === OVER) {
        return
      }
      try {
        if (!this.#write(chunk)) {
          source.pause?.()
        }
      } catch (error) {
        finished(error)
      }
    }
    const onEnd = () => finished(null)
    const onError = (error) => finished(error)
    const onClose = () => {
      // A broken stream may close before it says why: its 'error' goes first.
      queueMicrotask(() => {
        source.removeListener('error', onError)
        finished(new RequestAbortedError())
      })
    }
    this.#onRoom = () => source.resume?.()
    source.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose)
    source.resume?.()
    // Its events may be over already.
    if (source.errored) {
      setImmediate(onError, source.errored)
    } else if (source.readableEnded) {
      setImmediate(onEnd)
    } else if (source.closed) {
      setImmediate(onClose)
    }
  }

  async #iterate (source) {
    try {
      for await (const chunk of source) {
        if (this.#state === OVER) {
          return
        }
        if (!this.#write(chunk)) {
          await new Promise((resolve) => { this.#onRoom = resolve })
          this.#onRoom = null
        }
        if (this.#state === OVER) {
          return
        }
      }
      this.#end()
    } catch (error) {
      this.#exchange.abort(error)
    }
  }

  // --- pieces

  // Takes a chunk of the source. False: no more until `#onRoom` is called.
  #write (chunk) {
    let octets
    if (typeof chunk === 'string') {
      octets = Buffer.from(chunk)
    } else if (chunk instanceof Uint8Array) {
      octets = plainOctets(chunk)
    } else if (ArrayBuffer.isView(chunk)) {
      octets = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    } else {
      // Node's own words for what is no chunk.
      Buffer.byteLength(chunk)
      octets = new Uint8Array(chunk)
    }
    const { length } = this.#content
    if (length !== null && this.#handedOver + octets.length > length) {
      if (this.#isStrict) {
        throw new RequestContentLengthMismatchError()
      }
      this.#warn()
      chunk = octets = octets.subarray(0, length - this.#handedOver)
    }
    if (octets.length === 0) {
      return true
    }
    this.#handedOver += octets.length
    this.#rest = octets
    this.#chunk = chunk
    this.#handOver()
    return this.#rest === null && this.#capacity > 0
  }

  #handOver () {
    if (this.#rest !== null && this.#capacity > 0) {
      const octets = this.#rest.subarray(0, this.#capacity)
      this.#capacity -= octets.length
      this.#link.chunk(this.#exchange, octets)
      this.#rest = octets.length < this.#rest.length ? this.#rest.subarray(octets.length) : null
      if (this.#rest === null) {
        const chunk = this.#chunk
        this.#chunk = null
        this.#exchange.bodyChunkSent(chunk)
      } else {
        this.#exchange.bodyPieceSent(octets.length)
      }
    }
    if (this.#rest === null && this.#capacity > 0) {
      if (this.#state === ENDING) {
        this.#finish()
      } else if (this.#state === FLOWING) {
        this.#onRoom?.()
      }
    }
  }

  #end () {
    if (this.#state === OVER) {
      return
    }
    this.#state = ENDING
    if (this.#rest === null) {
      this.#finish()
    }
  }

  #finish () {
    const { length } = this.#content
    const isShort = length !== null && this.#handedOver < length
    if (isShort && this.#isStrict) {
      this.#exchange.abort(new RequestContentLengthMismatchError())
      return
    }
    this.#state = OVER
    if (isShort) {
      // The peer still waits for the rest: the connection stays as it is and is not used again.
      this.#warn()
    } else {
      this.#link.finish(this.#exchange)
    }
    this.#exchange.bodySent()
  }

  #warn () {
    if (!this.#hasWarned) {
      this.#hasWarned = true
      process.emitWarning(new RequestContentLengthMismatchError())
    }
  }
}

function ignore () {}

module.exports = { BodyPump }
