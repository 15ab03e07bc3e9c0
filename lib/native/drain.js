'use strict'

// Walks the completion records that the engine has published and tells each to whom it concerns. JS objects
// are built here, from one slice of the record's text; octets of a body are shown where they are, and copied by whoever
// keeps them.

const layout = require('./layout')
const { errorOf } = require('./errors')
const { Fields, noFields } = require('../core/fields')
const { GivenOctets, LentOctets } = require('../core/octets')

const {
  CONNECTING, CONNECTED, CONNECT_FAILED, DISCONNECTED, DESTROYED, RESTART, INFORMATIONAL, HEAD, DATA, END, UPGRADED,
  CAPACITY, FAILED, RESPONSE, ABORTED, CONTENT_FAULT, LENT_CONNECT, LENT_WRITE, LENT_RELEASE, LENT_FINISH, LENT_DROP,
  LANDED, SLABS_WANTED,
  HEAD_STATUS, HEAD_STATUS_MASK, HEAD_FLAG_CLOSING, HEAD_FLAG_KNOWN, HEAD_FLAG_KEPT, HEAD_FLAG_DECODED, HEAD_FLAG_OPENED,
  HEAD_PLACE_SHIFT, HEAD_QUEUED, HEAD_SENT, HEAD_FIRST_BYTE, HEAD_ENDED, HEAD_RESOLVED, HEAD_CONNECTED, HEAD_SECURED,
  HEAD_REASON_LENGTH, HEAD_FIELDS, HEAD_TEXT_LENGTH, HEAD_WORDS,
  CONNECTED_LOCAL_PORT, CONNECTED_REMOTE_PORT, CONNECTED_LOCAL_LENGTH, CONNECTED_REMOTE_LENGTH, CONNECTED_WORDS,
  FAILURE_STANDING, STANDING_FLAG_CLOSING
} = layout

const WORD = 4
// The kinds of records that have a head.
const HEADS = new Set([INFORMATIONAL, HEAD, END, UPGRADED, RESPONSE])

class Drain {
  #ring
  #exchanges
  #dispatchers
  #sockets
  #slabs
  #tunnels
  // The ring's own octets, as those of a body.
  #octets

  // A failure that waits for the next turn, so that what came before it can be heard: `{ exchange, error }`.
  #postponed = null
  // Who heard of a response in this turn.
  #told = null

  // The heads that the engine names by their places: `{ reason, fields }`.
  #known = []

  // A head that was read: where its body starts, and its parts.
  #status = 0
  #reason = ''
  #bodyAt = 0
  #isDecoded = false
  // Where the record ends a response: the connection ends as well.
  #isClosing = false

  /**
   * @param {import('./ring').Consumer} ring
   * @param {import('./slots').Slots} exchanges
   * @param {import('./slots').Slots} dispatchers
   * @param {import('./lent-sockets').LentSockets} sockets
   * @param {import('./slabs').Slabs} slabs
   * @param {{ make: (exchange: object) => object, refuse: (slot: number, generation: number) => void }} tunnels puts a socket
   *   in the place of an exchange; ends one that nobody has
   */
  constructor (ring, exchanges, dispatchers, sockets, slabs, tunnels) {
    this.#ring = ring
    this.#exchanges = exchanges
    this.#dispatchers = dispatchers
    this.#sockets = sockets
    this.#slabs = slabs
    this.#octets = new LentOctets(ring.octets)
    this.#tunnels = tunnels
  }

  /** A failure was put off: `run` is to be called again in another turn of the event loop. */
  get isPostponed () {
    return this.#postponed !== null
  }

  /** One record after the other until there is none. Returns whether there was one. */
  run () {
    const ring = this.#ring
    let isAny = false
    this.#told = null
    if (this.#postponed !== null) {
      const { exchange, error } = this.#postponed
      this.#postponed = null
      isAny = true
      exchange.fail(error)
    }
    while (this.#postponed === null && ring.next()) {
      isAny = true
      try {
        this.#record(ring)
      } catch (error) {
        // A listener of the user threw: that is an uncaught exception, but no reason to lose the records behind.
        queueMicrotask(() => { throw error })
      }
    }
    return isAny
  }

  #record (ring) {
    const word = ring.offset / WORD
    const slot = ring.words[word]
    const generation = ring.words[word + 1]
    if (ring.kind <= DISCONNECTED || ring.kind === DESTROYED) {
      const dispatcher = this.#dispatchers.find(slot, generation)
      if (dispatcher !== null) {
        this.#aboutDispatcher(ring, word, dispatcher)
      }
    } else if (ring.kind === LANDED) {
      this.#landed(ring, word, this.#exchanges.find(slot, generation))
    } else if (ring.kind === SLABS_WANTED) {
      this.#slabs.wanted()
    } else if (ring.kind >= LENT_CONNECT) {
      this.#aboutSocket(ring, word, slot, generation)
    } else {
      const exchange = this.#exchanges.find(slot, generation)
      if (exchange !== null) {
        this.#aboutExchange(ring, word, exchange)
      } else if (HEADS.has(ring.kind)) {
        // Nobody wants it, but it may be one that others will name.
        this.#head(ring, word)
        if (ring.kind === UPGRADED) {
          this.#tunnels.refuse(slot, generation)
        }
      }
    }
  }

  #aboutDispatcher (ring, word, dispatcher) {
    switch (ring.kind) {
      case CONNECTING:
        dispatcher.onConnecting()
        break
      case CONNECTED:
        dispatcher.onConnected(sessionOf(ring, word))
        break
      case CONNECT_FAILED:
        dispatcher.onConnectFailed(errorOf(ring, word, dispatcher.route, this.#sockets))
        break
      case DISCONNECTED:
        dispatcher.onDisconnected(errorOf(ring, word, dispatcher.route, this.#sockets))
        break
      case DESTROYED:
        dispatcher.onDestroyed()
        break
    }
  }

  #landed (ring, word, exchange) {
    const place = ring.words[word + 2]
    const slab = this.#slabs.take(place)
    try {
      if (exchange !== null) {
        this.#told = exchange
        exchange.isStarving = ring.words[word + 4] === 1
        exchange.data(slab, 0, ring.words[word + 3])
      }
    } finally {
      this.#slabs.settle(place, slab)
    }
  }

  #aboutSocket (ring, word, slot, generation) {
    const id = ring.words[word + 2]
    switch (ring.kind) {
      case LENT_CONNECT: {
        const dispatcher = this.#dispatchers.find(slot, generation)
        if (dispatcher !== null) {
          this.#sockets.connect(id, dispatcher, ring.octets.utf8Slice(ring.offset + 3 * WORD, ring.offset + ring.length))
        }
        break
      }
      case LENT_WRITE:
        this.#sockets.write(id, this.#memory(ring).keep(ring.offset + 3 * WORD, ring.offset + ring.length))
        break
      case LENT_RELEASE:
        this.#sockets.release(id, ring.words[word + 3])
        break
      case LENT_FINISH:
        this.#sockets.finish(id)
        break
      case LENT_DROP:
        this.#sockets.drop(id)
        break
    }
  }

  #aboutExchange (ring, word, exchange) {
    switch (ring.kind) {
      case RESPONSE: {
        time(ring.words, word, exchange)
        const fields = this.#head(ring, word)
        if (this.#isDecoded) {
          exchange.decoded()
        }
        const end = ring.offset + ring.length
        exchange.respond(this.#status, this.#reason, fields, this.#memory(ring), this.#bodyAt, end, this.#isClosing)
        break
      }
      case HEAD: {
        time(ring.words, word, exchange)
        const fields = this.#head(ring, word)
        this.#told = exchange
        if (this.#isDecoded) {
          exchange.decoded()
        }
        exchange.head(this.#status, this.#reason, fields)
        break
      }
      case DATA:
        this.#told = exchange
        exchange.isStarving = true
        exchange.data(this.#memory(ring), ring.offset + 2 * WORD, ring.offset + ring.length)
        break
      case CONTENT_FAULT:
        exchange.contentFault(errorOf(ring, word, exchange.owner.route, this.#sockets))
        break
      case END:
        time(ring.words, word, exchange)
        exchange.complete(this.#head(ring, word), this.#isClosing)
        break
      case CAPACITY:
        exchange.capacity(ring.words[word + 2])
        break
      case INFORMATIONAL: {
        const fields = this.#head(ring, word)
        exchange.informational(this.#status, this.#reason, fields)
        break
      }
      case UPGRADED: {
        time(ring.words, word, exchange)
        const fields = this.#head(ring, word)
        // One that its user has given up keeps its name until the engine has heard of that, and ends the tunnel.
        if (!exchange.settled) {
          exchange.upgrade(this.#status, this.#reason, fields, this.#tunnels.make(exchange))
        }
        break
      }
      case ABORTED:
        this.#exchanges.remove(exchange)
        exchange.released(ring.words[word + 2] === 1)
        break
      case RESTART:
        exchange.restart()
        break
      case FAILED: {
        const error = errorOf(ring, word, exchange.owner.route, this.#sockets)
        if ((ring.words[word + FAILURE_STANDING] & STANDING_FLAG_CLOSING) !== 0) {
          exchange.owner.closing(exchange)
        }
        if (this.#told === exchange) {
          // Its user has had no chance yet to listen to what the failure would take away.
          this.#postponed = { exchange, error }
        } else {
          exchange.fail(error)
        }
        break
      }
    }
  }

  // What came in fragments lies in memory of its own.
  #memory (ring) {
    return ring.isReassembled ? new GivenOctets(ring.octets) : this.#octets
  }

  // Returns the fields.
  #head (ring, word) {
    const words = ring.words
    const status = words[word + HEAD_STATUS]
    this.#status = status & HEAD_STATUS_MASK
    this.#isClosing = (status & HEAD_FLAG_CLOSING) !== 0
    this.#isDecoded = (status & HEAD_FLAG_DECODED) !== 0
    if ((status & HEAD_FLAG_KNOWN) !== 0) {
      const { reason, fields } = this.#known[status >>> HEAD_PLACE_SHIFT]
      this.#reason = reason
      this.#bodyAt = (word + HEAD_REASON_LENGTH) * WORD
      return fields.again()
    }
    const count = words[word + HEAD_FIELDS]
    const textLength = words[word + HEAD_TEXT_LENGTH]
    let lengthAt = word + HEAD_WORDS
    const textAt = (lengthAt + 2 * count) * WORD
    this.#bodyAt = textAt + textLength
    if (textLength === 0) {
      this.#reason = ''
      return noFields
    }
    const text = ring.octets.latin1Slice(textAt, textAt + textLength)
    let at = words[word + HEAD_REASON_LENGTH]
    this.#reason = reasonOf(text.slice(0, at))
    const lines = new Array(2 * count)
    for (let index = 0; index < lines.length; index++) {
      const end = at + words[lengthAt++]
      lines[index] = text.slice(at, end)
      at = end
    }
    const fields = new Fields(lines)
    if ((status & HEAD_FLAG_KEPT) !== 0) {
      this.#known[status >>> HEAD_PLACE_SHIFT] = { reason: this.#reason, fields }
    }
    return fields
  }
}

/** When the steps of an exchange were done: words that are made into more for whoever asks. */
function time (words, word, exchange) {
  exchange.time(words[word + HEAD_QUEUED], words[word + HEAD_SENT], words[word + HEAD_FIRST_BYTE], words[word + HEAD_ENDED])
  if ((words[word + HEAD_STATUS] & HEAD_FLAG_OPENED) !== 0) {
    exchange.opening = [words[word + HEAD_RESOLVED], words[word + HEAD_CONNECTED], words[word + HEAD_SECURED]]
  }
}

/** A reason phrase as undici has it: UTF-8, where it is not ASCII. */
function reasonOf (octets) {
  return /[\x80-\xff]/.test(octets) ? Buffer.from(octets, 'latin1').toString() : octets
}

/** The two ends of a session, with net.Socket's names; undefined where it has no internet address. */
function sessionOf (ring, word) {
  const words = ring.words
  const localAt = (word + CONNECTED_WORDS) * WORD
  const remoteAt = localAt + words[word + CONNECTED_LOCAL_LENGTH]
  const localAddress = ring.octets.latin1Slice(localAt, remoteAt)
  const remoteAddress = ring.octets.latin1Slice(remoteAt, remoteAt + words[word + CONNECTED_REMOTE_LENGTH])
  const isInternet = remoteAddress !== ''
  return {
    localAddress: isInternet ? localAddress : undefined,
    localPort: isInternet ? words[word + CONNECTED_LOCAL_PORT] : undefined,
    remoteAddress: isInternet ? remoteAddress : undefined,
    remotePort: isInternet ? words[word + CONNECTED_REMOTE_PORT] : undefined,
    remoteFamily: isInternet ? (remoteAddress.includes(':') ? 'IPv6' : 'IPv4') : undefined
  }
}

module.exports = { Drain }
