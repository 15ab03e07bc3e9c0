'use strict'

// Octets on their way through decoders of node:zlib, one behind the other. The decoders bound what is on its way: they are
// written to only while the first of them takes more, and read from only while the handler does, so that a small content
// that becomes a large one stays small until it is read.

const zlib = require('node:zlib')
const { Transform, pipeline } = require('node:stream')
const { ZstdFrames } = require('./zstd-frames')
const { RequestAbortedError, ResponseExceededMaxSizeError } = require('../core/errors')

const MAX_LAYERS = 5

// RFC 9110 section 8.4.1: the streams that undo a coding. `compress` is not among them: node:zlib does not know it.
const decoders = {
  __proto__: null,
  gzip: () => [zlib.createGunzip()],
  'x-gzip': () => [zlib.createGunzip()],
  deflate: () => [new Inflate()],
  br: () => [zlib.createBrotliDecompress()]
}
if (typeof zlib.createZstdDecompress === 'function') {
  // RFC 9659 section 3: a window of 8 MiB is all that a decoder has to have.
  decoders.zstd = () => [
    new ZstdFrames(),
    zlib.createZstdDecompress({ params: { [zlib.constants.ZSTD_d_windowLogMax]: 23 } })
  ]
}

// `deflate` is zlib's format by the book, but some servers send what is inside that (RFC 9110 section 8.4.1.2). The first
// octet tells: zlib's has 8 as its lower half, the method, and no encoder begins a raw block so.
class Inflate extends Transform {
  #decoder = null
  // The stream is over; whatever follows is not its own, and the decoder does not even answer to it.
  #hasEnded = false
  #taken = null

  _transform (chunk, encoding, callback) {
    if (chunk.length === 0 || this.#hasEnded) {
      callback()
      return
    }
    this.#open(chunk[0])
    this.#taken = callback
    this.#decoder.write(chunk, encoding, () => this.#take())
  }

  _read (size) {
    this.#decoder?.resume()
    super._read(size)
  }

  _flush (callback) {
    if (this.#hasEnded) {
      callback()
      return
    }
    // Without any octet it ended too soon in either format.
    this.#open(8)
    this.#taken = callback
    this.#decoder.end()
  }

  _destroy (error, callback) {
    this.#decoder?.destroy()
    callback(error)
  }

  #open (octet) {
    if (this.#decoder !== null) {
      return
    }
    this.#decoder = (octet & 0x0f) === 8 ? zlib.createInflate() : zlib.createInflateRaw()
    this.#decoder.on('data', (output) => {
      if (!this.push(output)) {
        this.#decoder.pause()
      }
    })
    this.#decoder.on('end', () => {
      this.#hasEnded = true
      this.#take()
    })
    this.#decoder.on('error', (error) => this.destroy(error))
  }

  #take () {
    const taken = this.#taken
    this.#taken = null
    taken?.()
  }
}

/**
 * The layers of a content-encoding field, the last coding first, each a list of streams; null where there is none or
 * one is not known.
 *
 * @param {string|string[]|undefined} field
 * @throws {Error} where there are too many
 */
function decodersFor (field) {
  const codings = String(field ?? '').toLowerCase().split(',').map((coding) => coding.trim())
  if (codings.length > MAX_LAYERS) {
    throw new Error(`too many content-encodings in response: ${codings.length}, maximum allowed is ${MAX_LAYERS}`)
  }
  const named = codings.filter((coding) => coding !== '').reverse()
  return named.length > 0 && named.every((coding) => decoders[coding] !== undefined)
    ? named.map((coding) => decoders[coding]())
    : null
}

function tooLarge (size, maxSize) {
  return new ResponseExceededMaxSizeError(`Decompressed response size (${size}) exceeded maxSize (${maxSize})`)
}

/** Lets so many octets through. */
function limiter (maxSize) {
  let size = 0
  return new Transform({
    transform (chunk, encoding, callback) {
      size += chunk.length
      if (size > maxSize) {
        callback(tooLarge(size, maxSize))
      } else {
        callback(null, chunk)
      }
    }
  })
}

class DecoderChain {
  #streams
  #last
  #maxSize
  #to
  #size = 0
  #trailers
  #paused = false
  // The exchange is held: the first decoder has enough, or the handler has.
  #isFull = false
  #inputEnded = false
  #outputEnded = false
  #isOver = false
  #isReading = false

  /**
   * @param {object[][]} layers the streams of each
   * @param {number} maxSize octets of each layer at most; 0: any number
   * @param {object} to `data`, `end` and `error` are the handler's; `hold`, `continue` and `abort` the exchange's
   */
  constructor (layers, maxSize, to) {
    this.#maxSize = maxSize
    this.#to = to
    this.#streams = layers.flatMap((streams, index) =>
      maxSize === 0 || index === layers.length - 1 ? streams : [...streams, limiter(maxSize)])
    this.#last = this.#streams.at(-1)
    this.#streams[0].on('drain', () => {
      this.#isFull = false
      this.#balance()
    })
    this.#last.on('readable', () => this.#read())
    this.#last.on('end', () => {
      this.#outputEnded = true
      // What follows is not the content's; it need only have come.
      this.#isFull = false
      this.#balance()
      this.#finish()
    })
    if (this.#streams.length === 1) {
      this.#last.on('error', (error) => this.#break(error))
    } else {
      pipeline(this.#streams, (error) => {
        if (error) {
          this.#break(error)
        }
      })
    }
  }

  get paused () {
    return this.#paused
  }

  pause () {
    this.#paused = true
    this.#balance()
  }

  resume () {
    if (this.#paused) {
      this.#paused = false
      this.#read()
      this.#balance()
      this.#finish()
    }
  }

  /** Returns whether the exchange is over already, so that the handler was told here. */
  abort (reason) {
    if (!this.#inputEnded || this.#isOver) {
      return this.#isOver
    }
    this.fail(reason ?? new RequestAbortedError())
    return true
  }

  write (chunk) {
    if (!this.#isOver && !this.#outputEnded && !this.#streams[0].write(chunk)) {
      this.#isFull = true
      this.#balance()
    }
  }

  end (trailers) {
    this.#inputEnded = true
    this.#trailers = trailers
    if (this.#outputEnded) {
      this.#finish()
    } else if (!this.#isOver) {
      this.#streams[0].end()
    }
  }

  /** It has failed: the handler is told. */
  fail (error) {
    if (!this.#isOver) {
      this.#isOver = true
      this.#release()
      this.#to.error(error)
    }
  }

  #read () {
    if (this.#isReading) {
      return
    }
    this.#isReading = true
    try {
      let chunk
      while (!this.#isOver && !this.#paused && (chunk = this.#last.read()) !== null) {
        this.#size += chunk.length
        if (this.#maxSize > 0 && this.#size > this.#maxSize) {
          this.#break(tooLarge(this.#size, this.#maxSize))
        } else {
          this.#to.data(chunk)
        }
      }
    } catch (error) {
      this.#break(error)
    } finally {
      this.#isReading = false
    }
  }

  #balance () {
    if (!this.#inputEnded && !this.#isOver) {
      if (this.#isFull || this.#paused) {
        this.#to.hold()
      } else {
        this.#to.continue()
      }
    }
  }

  #finish () {
    if (this.#inputEnded && this.#outputEnded && !this.#paused && !this.#isOver) {
      this.#isOver = true
      this.#release()
      try {
        this.#to.end(this.#trailers)
      } catch (error) {
        this.#to.error(error)
      }
    }
  }

  // A decoder or the handler has failed: the exchange, if there still is one, tells of it.
  #break (error) {
    if (this.#isOver) {
      return
    }
    if (this.#inputEnded) {
      this.fail(error)
    } else {
      this.#to.abort(error)
    }
  }

  #release () {
    for (const stream of this.#streams) {
      stream.on('error', ignore)
      stream.destroy()
    }
  }
}

function ignore () {}

module.exports = { DecoderChain, decodersFor }
