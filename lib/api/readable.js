'use strict'

// The body of a response: a Readable with the methods of the Fetch standard's body mixin.
//
// Most bodies are small, have arrived whole when their user asks for them, and are asked for with text()
// or json(). The stream machinery would cost such a body several times what all the rest of its exchange
// costs. So octets are first kept aside (aside.js), and the machinery takes over when somebody uses the body
// as a stream:
//
//   Aside ──(a listener, read(), pipe(), an iterator…)──▶ Streaming ──(end)──▶ Ended
//     └──(text(), json()…)──▶ Collecting ──(end, nobody listens for it)──▶ Ended
//                                  └──(end, somebody does)──▶ Streaming
//
// Whatever can be seen from outside is that of a Readable at any moment.

const { Readable } = require('node:stream')
const { Aside } = require('./aside')
const { AbortError, InvalidArgumentError, NotSupportedError, RequestAbortedError } = require('../core/errors')
const { addAbortListener, isDisturbed } = require('../core/streams')

// As much as the streams of node:fs hold.
const defaultHighWaterMark = 64 * 1024

// How much dump() reads before it gives the connection up.
const defaultDumpLimit = 256 * 1024

const ignore = () => {}

function join (chunks) {
  if (chunks.length === 1) {
    const [chunk] = chunks
    return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  }
  return Buffer.concat(chunks)
}

// Memory of the user's own: chunks may be pieces of a pool.
function copy (chunks) {
  const bytes = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.byteLength, 0))
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.byteLength
  }
  return bytes
}

// What each of the mixin's methods makes of the octets, without keeping any of them.
const results = {
  text: (octets, encoding) => octets.text(encoding),
  json: (octets, encoding) => JSON.parse(octets.text(encoding)),
  bytes: (octets) => copy(octets.chunks()),
  arrayBuffer: (octets) => copy(octets.chunks()).buffer,
  blob: (octets, encoding, contentType) => new Blob(octets.chunks(), { type: contentType })
}

// In the place of a collection whose user was told the result. It does not hold the user's promise: where that hangs on
// an old object, all that follows from it, the next request as well, would survive until a full collection.
const told = { octets: null }

class BodyReadable extends Readable {
  #controller
  #contentType
  #contentLength
  // The call: what emits events runs in its context, and it listens to its signal until the body has ended or failed.
  #scope

  // What is kept aside; null while Streaming.
  #aside = new Aside()
  // Octets at all.
  #received = 0
  // The last chunk has come while Aside or Collecting.
  #complete = false

  // What text() and its like wait for: { type, octets, resolve, reject }; `told` when it is done.
  #collection = null
  // Octets are collected as they come; otherwise as 'data' tells them.
  #collecting = false

  // Somebody listens for 'end' or 'close'.
  #awaited = false
  // Ended without the machinery, so that no event has told it.
  #silent = false
  // A listener for 'data' or 'readable' was there once.
  #used = false
  #onUse = null
  #web = null

  // `controller` is the exchange's (`resume`, `abort`); `scope` is the call, where there is one.
  constructor ({ controller, contentType = '', contentLength = null, highWaterMark, scope = null }) {
    super({ highWaterMark: highWaterMark ?? defaultHighWaterMark })
    this.#controller = controller
    this.#contentType = contentType
    this.#contentLength = Number.isFinite(contentLength) ? contentLength : null
    this.#scope = scope
  }

  // --- The producer's side.

  // Takes a chunk, or null for the end. False: enough for now, `controller.resume()` will ask for more.
  push (chunk, encoding) {
    if (typeof chunk === 'string') {
      chunk = Buffer.from(chunk, encoding)
    }
    if (chunk !== null) {
      this.#received += chunk.length
    }
    if (this.#aside === null) {
      if (this.#collecting && chunk !== null) {
        this.#collection.octets.push(chunk)
      }
      return this.#stream(chunk)
    }
    if (chunk === null) {
      this.#complete = true
      if (this.#collecting) {
        this.#finish()
      }
      return false
    }
    if (chunk.length > 0) {
      this.#aside.push(chunk)
    }
    return this.#wantsMore()
  }

  // Likewise with octets that stay where they are: what is wanted of them is copied.
  pushOctets (memory, start, end) {
    if (this.#aside === null) {
      return this.push(memory.keep(start, end))
    }
    this.#received += end - start
    this.#aside.copy(memory, start, end, this.#contentLength)
    return this.#wantsMore()
  }

  // Where all has come that was announced there is nothing to hold back.
  #wantsMore () {
    return this.#collecting || this.#aside.length < this.readableHighWaterMark || this.#received === this.#contentLength
  }

  // Calls `onUse` when somebody begins to use the body; for a producer that would rather not hold one that
  // nobody uses.
  whenUsed (onUse) {
    this.#onUse = onUse
  }

  // Somebody wants what is to come: has read, collects, or listens for more than an error.
  get isInUse () {
    return this.#aside === null || this.#collecting || this.#awaited
  }

  _read () {
    this.#controller.resume()
  }

  _destroy (error, callback) {
    if (!error && !this.readableEnded) {
      error = new RequestAbortedError()
    }
    if (error) {
      this.#controller.abort()
    }
    this.#aside = null
    this.#ended()
    if (this.#collection !== null && this.#collection !== told) {
      const { reject } = this.#collection
      super.on('error', reject)
      super.on('close', () => reject(new RequestAbortedError()))
    }
    // A body that fails in the tick in which its user gets it would fail before a promise can tell him,
    // and so before he can listen.
    if (this.#used) {
      callback(error)
    } else {
      setImmediate(callback, error)
    }
  }

  // --- The user's side: the stream.

  on (event, listener) {
    this.#listened(event)
    return super.on(event, listener)
  }

  addListener (event, listener) {
    return this.on(event, listener)
  }

  prependListener (event, listener) {
    this.#listened(event)
    return super.prependListener(event, listener)
  }

  read (size) {
    this.#release()
    return super.read(size)
  }

  resume () {
    this.#release()
    return super.resume()
  }

  unshift (chunk, encoding) {
    this.#release()
    return super.unshift(chunk, encoding)
  }

  get readableLength () {
    return super.readableLength + (this.#aside === null ? 0 : this.#aside.length)
  }

  // 'data' tells strings from now on. An encoding that does not exist changes nothing.
  setEncoding (encoding) {
    return Buffer.isEncoding(encoding) ? super.setEncoding(encoding) : this
  }

  // --- The user's side: the mixin.

  text () {
    return this.#collect('text')
  }

  json () {
    return this.#collect('json')
  }

  blob () {
    return this.#collect('blob')
  }

  bytes () {
    return this.#collect('bytes')
  }

  arrayBuffer () {
    return this.#collect('arrayBuffer')
  }

  async formData () {
    throw new NotSupportedError()
  }

  get bodyUsed () {
    return isDisturbed(this)
  }

  get body () {
    if (this.#web === null) {
      this.#web = ReadableStream.from(this)
      if (this.#collection !== null) {
        this.#web.getReader()
      }
    }
    return this.#web
  }

  // Reads up to `limit` octets and throws them away, so that the connection can be used again; a longer
  // body is destroyed.
  dump (options) {
    const signal = options?.signal
    let limit = options?.limit
    if (signal != null && (typeof signal !== 'object' || !('aborted' in signal))) {
      return Promise.reject(new InvalidArgumentError('signal must be an AbortSignal'))
    }
    limit = limit && Number.isFinite(limit) ? limit : defaultDumpLimit

    if (signal?.aborted) {
      return Promise.reject(signal.reason ?? new AbortError())
    }
    if (this.closed) {
      return Promise.resolve(null)
    }
    const tooLong = this.#received > limit || (this.#contentLength !== null && this.#contentLength > limit)
    if (this.#complete && this.#aside !== null && !this.#awaited && !tooLong) {
      this.#endSilently()
      return Promise.resolve(signal == null ? undefined : null)
    }
    return this.#drain(limit, tooLong, signal)
  }

  #drain (limit, tooLong, signal) {
    return new Promise((resolve, reject) => {
      if (tooLong) {
        this.#release()
        this.destroy(new AbortError())
      }
      const unlisten = signal == null
        ? ignore
        : addAbortListener(signal, () => this.destroy(signal.reason ?? new AbortError()))

      this.on('close', () => {
        unlisten()
        if (signal?.aborted) {
          reject(signal.reason ?? new AbortError())
        } else if (signal != null) {
          resolve(null)
        } else {
          resolve()
        }
      })
      this.on('error', ignore)
      this.on('data', () => {
        if (this.#received > limit) {
          this.destroy()
        }
      })
      this.resume()
    })
  }

  // --- From Aside to Streaming.

  #listened (event) {
    if (event === 'data' || event === 'readable') {
      this.#used = true
      this.#release()
    } else if (event === 'end' || event === 'close') {
      this.#awaited = true
      this.#tellUse()
      if (this.#silent) {
        // The machinery would be about to tell it.
        this.#silent = false
        setImmediate(() => {
          this.emit('end')
          this.emit('close')
        })
      }
    }
  }

  #release () {
    if (this.#aside === null) {
      return
    }
    const chunks = this.#aside.share()
    this.#aside = null
    this.#tellUse()
    if (this.#collecting) {
      this.#endWithStream()
    }
    if (this.readableEncoding !== null && chunks.length > 1) {
      // setEncoding() makes one string of what a Readable holds.
      super.push(join(chunks))
    } else {
      for (const chunk of chunks) {
        super.push(chunk)
      }
    }
    if (this.#complete) {
      super.push(null)
    }
  }

  #tellUse () {
    const onUse = this.#onUse
    if (onUse !== null) {
      this.#onUse = null
      onUse(this)
    }
  }

  #stream (chunk) {
    return this.#scope === null
      ? super.push(chunk)
      : this.#scope.runInAsyncScope(Readable.prototype.push, this, chunk)
  }

  // --- Collecting.

  #collect (type) {
    if (this.#collection !== null || isDisturbed(this) || this.#web?.locked) {
      return this.#unusable()
    }
    return this.#complete && this.#aside !== null && !this.#awaited ? this.#takeResult(type) : this.#awaitAll(type)
  }

  // All is there, and nobody waits to be told its end: the result is known.
  #takeResult (type) {
    let result
    try {
      result = results[type](this.#aside, this.readableEncoding ?? undefined, this.#contentType)
    } catch {
      // An end like any other, and an error that is told with it.
      return this.#awaitAll(type)
    }
    this.#collection = told
    this.#web?.getReader()
    this.#tellUse()
    this.#endSilently()
    return Promise.resolve(result)
  }

  #awaitAll (type) {
    return new Promise((resolve, reject) => {
      this.#collection = { type, octets: this.#aside ?? new Aside(), resolve, reject }
      // Used from now on, whether there is something to read or not.
      this._readableState.dataEmitted = true
      this.#web?.getReader()

      if (this.#aside === null) {
        this.#collectFromStream()
        return
      }
      this.#collecting = true
      this.#tellUse()
      if (this.#complete) {
        this.#finish()
      } else {
        this.#controller.resume()
      }
    })
  }

  // The end came while nothing was given to the machinery.
  #finish () {
    if (this.#awaited) {
      // Collected already.
      this.#aside = null
      this.#endWithStream()
      this.#stream(null)
    } else {
      this.#settle()
    }
  }

  // Settles when the machinery tells the end.
  #endWithStream () {
    super.on('end', () => this.#settle())
    super.resume()
  }

  // Somebody has used the stream, but read nothing: what it holds may be strings by now.
  #collectFromStream () {
    const { octets } = this.#collection
    if (this.readableEnded) {
      this.#settle()
      return
    }
    const take = (chunk) => octets.push(typeof chunk === 'string' ? Buffer.from(chunk, this.readableEncoding) : chunk)
    super.on('end', () => this.#settle())
    if (this.listenerCount('readable') === 0) {
      super.on('data', take)
      super.resume()
      return
    }
    // Such a listener stops the flow, and may take what comes before we do: what is there now is ours, and what comes
    // is kept on its way to him.
    const read = (take) => {
      for (let chunk = super.read(); chunk !== null; chunk = super.read()) {
        take(chunk)
      }
    }
    read(take)
    this.#collecting = true
    super.on('readable', () => read(ignore))
  }

  #settle () {
    const { type, octets, resolve } = this.#collection
    let result
    try {
      result = results[type](octets, this.readableEncoding ?? undefined, this.#contentType)
    } catch (error) {
      // It has ended all the same.
      this._readableState.ended = true
      this._readableState.endEmitted = true
      this.destroy(error)
      return
    }
    this.#collection = told
    octets.done()
    if (this.#aside !== null) {
      this.#endSilently()
    }
    resolve(result)
  }

  #unusable () {
    return new Promise((resolve, reject) => {
      if (this.destroyed && !this.closed) {
        super.on('error', reject)
        super.on('close', () => reject(new TypeError('unusable')))
      } else {
        reject(this.errored ?? new TypeError('unusable'))
      }
    })
  }

  // --- The end without the machinery: the state that it would leave behind.

  #endSilently () {
    const state = this._readableState
    state.dataEmitted = true
    state.ended = true
    state.endEmitted = true
    state.destroyed = true
    state.closed = true
    state.closeEmitted = true
    this.#aside.done()
    this.#aside = null
    this.#silent = true
    this.#ended()
  }

  #ended () {
    this.#scope?.unlisten()
  }
}

module.exports = { BodyReadable }
