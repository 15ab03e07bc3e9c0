'use strict'

// What JavaScript asks of the engine, written as records into shared memory. The records of a tick are
// published together, and the engine is rung only if it sleeps.

const { isIP } = require('node:net')
const layout = require('./layout')
const { openRecord } = require('./open-record')
const { Producer } = require('./ring')
const { milliseconds, octetsOf, setLong } = require('./words')

const {
  OPEN, DISPATCH, START, ABORT, RELEASE, PAUSE, RESUME, CHUNK, CHUNK_ON_TRAY, FINISH, PIPELINING, DESTROY,
  LENT_CONNECTED, LENT_DATA, LENT_ENDED, LENT_FAILED, LENT_WRITTEN,
  DISPATCH_WORDS, TRAY_LEAST, TRAY_OCTETS
} = layout

const WORD = 4

class Submissions {
  #ring
  #words
  #octets
  #trays
  #isScheduled = false
  #ringBell
  #flush = () => this.flush()
  // Those that were paused, and of which the engine has not been told.
  #pausing = []
  #tellPauses = () => this.#tellOfPauses()

  /**
   * @param {SharedArrayBuffer} memory
   * @param {import('./trays').Trays} trays where large pieces of bodies go
   * @param {() => void} ringBell wakes the engine
   */
  constructor (memory, trays, ringBell) {
    this.#ring = new Producer(memory)
    this.#words = this.#ring.words
    this.#octets = this.#ring.octets
    this.#trays = trays
    this.#ringBell = ringBell
  }

  open (dispatcher, options) {
    this.#ring.push(OPEN, openRecord(dispatcher, options))
    this.#schedule()
  }

  /**
   * @param {object} exchange
   * @param {object} dispatcher
   * @param {object} request
   * @param {number} request.flags `DISPATCH_FLAG_*`
   * @param {string} request.head latin1
   * @param {string} request.serverName ASCII; empty for the dispatcher's
   * @param {string} request.decoding latin1; empty for none
   * @param {number|null} request.typeOfService null for as it is
   * @param {number} request.connectionAt
   * @param {Uint8Array|null} request.body the whole body, where it travels with the head
   * @param {number} request.declared the declared length of a streamed body
   * @param {number} request.headersTimeout in milliseconds, 0 for none
   * @param {number} request.bodyTimeout likewise
   * @param {number} request.timeout likewise
   */
  dispatch (exchange, dispatcher, request) {
    const { head, serverName, decoding } = request
    const places = request.body?.length >= TRAY_LEAST ? this.#trays.putAll(request.body) : null
    const body = places ?? request.body
    const serverNameAt = DISPATCH_WORDS * WORD + head.length
    const decodingAt = serverNameAt + serverName.length
    const bodyAt = decodingAt + decoding.length
    const length = bodyAt + (body === null ? 0 : body.length)
    let words = this.#words
    let octets = this.#octets
    let start = this.#ring.reserve(DISPATCH, length)
    if (start === -1) {
      start = this.#ring.queue(DISPATCH, length)
      words = this.#ring.waiting.words
      octets = this.#ring.waiting.octets
    }
    const word = start / WORD
    words[word] = exchange.slot
    words[word + 1] = exchange.generation
    words[word + layout.DISPATCH_DISPATCHER_SLOT] = dispatcher.slot
    words[word + layout.DISPATCH_DISPATCHER_GENERATION] = dispatcher.generation
    words[word + layout.DISPATCH_FLAGS] = request.flags
    words[word + layout.DISPATCH_CONNECTION_AT] = request.connectionAt
    words[word + layout.DISPATCH_HEAD_LENGTH] = head.length
    setLong(words, word + layout.DISPATCH_DECLARED_LOW, request.declared)
    words[word + layout.DISPATCH_HEADERS_TIMEOUT] = milliseconds(request.headersTimeout)
    words[word + layout.DISPATCH_BODY_TIMEOUT] = milliseconds(request.bodyTimeout)
    words[word + layout.DISPATCH_TIMEOUT] = milliseconds(request.timeout)
    words[word + layout.DISPATCH_WAITED] = exchange.waited
    words[word + layout.DISPATCH_SERVER_NAME_LENGTH] = serverName.length
    words[word + layout.DISPATCH_DECODING_LENGTH] = decoding.length
    words[word + layout.DISPATCH_ON_TRAYS] = places === null ? 0 : request.body.length
    words[word + layout.DISPATCH_TYPE_OF_SERVICE] = request.typeOfService === null ? 0 : request.typeOfService + 1
    octets.latin1Write(head, start + DISPATCH_WORDS * WORD, head.length)
    if (serverName !== '') {
      octets.latin1Write(serverName, start + serverNameAt, serverName.length)
    }
    if (decoding !== '') {
      octets.latin1Write(decoding, start + decodingAt, decoding.length)
    }
    if (body !== null) {
      octets.set(body, start + bodyAt)
    }
    this.#ring.commit()
    this.#schedule()
  }

  start (exchange) {
    this.#put(START, exchange)
  }

  abort (exchange) {
    this.#put(ABORT, exchange)
  }

  release (exchange, octets) {
    this.#put(RELEASE, exchange, octets, exchange.isStarving)
  }

  /**
   * An exchange (or a tunnel) wants nothing more for now. A stream pauses with each chunk that fills it, and resumes when
   * that is read, mostly in the ticks that follow: then the engine hears of neither. What comes meanwhile is bounded by the
   * exchange's window.
   */
  pause (exchange) {
    exchange.wantsPause = true
    if (exchange.isToldPause || exchange.isPausing) {
      return
    }
    exchange.isPausing = true
    this.#pausing.push(exchange)
    if (this.#pausing.length === 1) {
      setImmediate(this.#tellPauses)
    }
  }

  /** It wants more again. */
  resume (exchange) {
    exchange.wantsPause = false
    if (exchange.isToldPause) {
      exchange.isToldPause = false
      this.#put(RESUME, exchange)
    }
  }

  /** The octets are copied before this returns. */
  chunk (exchange, octets) {
    let start = 0
    while (octets.length - start >= TRAY_LEAST) {
      const piece = octets.subarray(start, start + TRAY_OCTETS)
      const place = this.#trays.put(piece)
      if (place === -1) {
        break
      }
      this.#carryOnTray(exchange, place, piece.length)
      start += piece.length
    }
    if (start < octets.length) {
      this.#carry(CHUNK, exchange.slot, exchange.generation, start === 0 ? octets : octets.subarray(start))
    }
  }

  lentConnected (socket, { localAddress, localPort, remoteAddress, remotePort }) {
    const texts = [localAddress, remoteAddress].map((address) => Buffer.from(isIP(address) ? address : ''))
    const words = new Int32Array(layout.LENT_WORDS)
    words[0] = socket
    words[layout.LENT_LOCAL_PORT] = localPort ?? 0
    words[layout.LENT_REMOTE_PORT] = remotePort ?? 0
    words[layout.LENT_LOCAL_LENGTH] = texts[0].length
    words[layout.LENT_REMOTE_LENGTH] = texts[1].length
    this.#ring.push(LENT_CONNECTED, [octetsOf(words), ...texts])
    this.#schedule()
  }

  /** The octets are copied before this returns. */
  lentData (socket, octets) {
    this.#carry(LENT_DATA, socket, 0, octets)
  }

  lentEnded (socket) {
    this.#put(LENT_ENDED, { slot: socket, generation: 0 })
  }

  lentFailed (socket) {
    this.#put(LENT_FAILED, { slot: socket, generation: 0 })
  }

  lentWritten (socket, octets) {
    this.#put(LENT_WRITTEN, { slot: socket, generation: 0 }, octets)
  }

  finish (exchange) {
    this.#put(FINISH, exchange)
  }

  pipelining (dispatcher, value) {
    this.#put(PIPELINING, dispatcher, value)
  }

  destroy (dispatcher) {
    this.#put(DESTROY, dispatcher)
  }

  /** Makes everything visible, and wakes the engine if it sleeps. */
  flush () {
    this.#isScheduled = false
    const ring = this.#ring
    let mustRing = false
    if (ring.hasOverflow) {
      do {
        ring.flushOverflow()
        mustRing = ring.publish() || mustRing
      } while (ring.hasOverflow && !ring.waitForRoom())
    } else {
      mustRing = ring.publish()
    }
    if (mustRing) {
      this.#ringBell()
    }
  }

  #tellOfPauses () {
    const pausing = this.#pausing
    this.#pausing = []
    for (const exchange of pausing) {
      exchange.isPausing = false
      if (exchange.slot !== -1 && exchange.wantsPause) {
        exchange.isToldPause = true
        this.#put(PAUSE, exchange)
        exchange.halted()
      }
    }
  }

  #carry (kind, slot, generation, octets) {
    const at = this.#ring.reserve(kind, 2 * WORD + octets.length)
    if (at === -1) {
      this.#ring.push(kind, [octetsOf(Int32Array.of(slot, generation)), octets])
    } else {
      this.#words[at / WORD] = slot
      this.#words[at / WORD + 1] = generation
      this.#octets.set(octets, at + 2 * WORD)
      this.#ring.commit()
    }
    this.#schedule()
  }

  #carryOnTray ({ slot, generation }, place, length) {
    let words = this.#words
    let at = this.#ring.reserve(CHUNK_ON_TRAY, 4 * WORD)
    if (at === -1) {
      at = this.#ring.queue(CHUNK_ON_TRAY, 4 * WORD)
      words = this.#ring.waiting.words
    }
    const word = at / WORD
    words[word] = slot
    words[word + 1] = generation
    words[word + 2] = place
    words[word + 3] = length
    this.#ring.commit()
    this.#schedule()
  }

  #put (kind, subject, value, isUrgent) {
    const length = value === undefined ? 2 * WORD : 3 * WORD
    let words = this.#words
    let at = this.#ring.reserve(kind, length)
    if (at === -1) {
      at = this.#ring.queue(kind, length)
      words = this.#ring.waiting.words
    }
    const word = at / WORD
    words[word] = subject.slot
    words[word + 1] = subject.generation
    if (value !== undefined) {
      words[word + 2] = value
    }
    this.#ring.commit(isUrgent)
    this.#schedule()
  }

  // One flush a tick: after the microtasks that are under way, so that whatever they add goes along.
  #schedule () {
    if (!this.#isScheduled) {
      this.#isScheduled = true
      process.nextTick(this.#flush)
    }
  }
}

module.exports = { Submissions }
