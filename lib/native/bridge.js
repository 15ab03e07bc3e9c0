'use strict'

// This environment's link to its engine: the shared memory, the names on both sides of it, and the event
// loop's reason to go on. It is made by the first dispatcher that needs it.

const { Engine, allocations } = require('./binding.js')
const { CONTROL_OCTETS } = require('./layout')
const { Consumer } = require('./ring')
const { Slots } = require('./slots')
const { Submissions } = require('./submission')
const { Drain } = require('./drain')
const { BodyPump } = require('./body-pump')
const { TunnelSocket } = require('./tunnel-socket')
const { LentSockets } = require('./lent-sockets')
const { Slabs } = require('./slabs')
const { Trays } = require('./trays')
const { SocketError } = require('../core/errors')

// Room for some thousand small requests, and for some dozen full windows, in flight between the threads. What
// finds no room waits on its own side, in order.
const SUBMISSION_OCTETS = 256 * 1024
const COMPLETION_OCTETS = 1024 * 1024

class Bridge {
  #engine
  // The engine's functions that are called often: `ring`, `hold`, `letGo`, `lend`.
  #handles
  #submissions
  #completions
  #drain
  #sockets
  #exchanges = new Slots()
  #dispatchers = new Slots()
  #ending = 0
  #unreferenced = 0
  #isHeld = false

  constructor () {
    const submissions = new SharedArrayBuffer(CONTROL_OCTETS + SUBMISSION_OCTETS)
    const completions = new SharedArrayBuffer(CONTROL_OCTETS + COMPLETION_OCTETS)
    const trays = new Trays()
    this.#submissions = new Submissions(submissions, trays, () => this.#handles.ring())
    this.#completions = new Consumer(completions)
    this.#sockets = new LentSockets(this.#submissions)
    this.#drain = new Drain(this.#completions, this.#exchanges, this.#dispatchers, this.#sockets,
      new Slabs((place, slab) => this.#handles.lend(place, slab)), {
        make: (exchange) => this.#tunnel(exchange),
        refuse: (slot, generation) => this.#submissions.abort({ slot, generation })
      })
    this.#completions.sleep()
    this.#engine = new Engine(new Uint8Array(submissions), new Uint8Array(completions), new Uint8Array(trays.memory),
      () => this.#wake())
    this.#handles = this.#engine.handles()
  }

  // --- dispatchers

  /** Makes the engine know a dispatcher, which gets a name. */
  open (dispatcher, options) {
    this.#dispatchers.add(dispatcher)
    this.#submissions.open(dispatcher, options)
  }

  /** The engine forgets a dispatcher, which loses its name at once: it hears nothing more. */
  leave (dispatcher) {
    this.#submissions.destroy(dispatcher)
    this.#dispatchers.remove(dispatcher)
  }

  /** The engine ends a dispatcher, which hears `onDestroyed` when its connections are closed. */
  destroy (dispatcher) {
    this.#ending++
    this.#hold()
    this.#submissions.destroy(dispatcher)
  }

  /** The answer to `destroy` came, or never will. */
  destroyed (dispatcher) {
    this.#ending--
    this.#dispatchers.remove(dispatcher)
  }

  pipelining (dispatcher, value) {
    this.#submissions.pipelining(dispatcher, value)
  }

  // --- exchanges and tunnels

  /** Hands a request to the engine; the exchange gets a name, and a pump where its body is streamed. */
  dispatch (exchange, dispatcher, record, content, strictContentLength) {
    this.#exchanges.add(exchange)
    this.#hold()
    if (content !== null) {
      exchange.outlet = new BodyPump(exchange, this, content, strictContentLength)
    }
    this.#submissions.dispatch(exchange, dispatcher, record)
    if (exchange.paused) {
      // It was when it had no name yet.
      this.#submissions.pause(exchange)
    }
  }

  start (exchange) {
    this.#submissions.start(exchange)
  }

  pause (exchange) {
    if (exchange.slot !== -1) {
      this.#submissions.pause(exchange)
    }
  }

  resume (exchange) {
    if (exchange.slot !== -1) {
      this.#submissions.resume(exchange)
    }
  }

  release (exchange, octets) {
    if (exchange.slot !== -1) {
      this.#submissions.release(exchange, octets)
    }
  }

  chunk (exchange, octets) {
    this.#submissions.chunk(exchange, octets)
  }

  finish (exchange) {
    this.#submissions.finish(exchange)
  }

  /** An exchange is over for its user. Unless the engine said so it is told to follow, and answers `released`. */
  forget (exchange, engineKnows) {
    if (exchange.slot === -1) {
      return
    }
    if (engineKnows) {
      this.#exchanges.remove(exchange)
    } else {
      this.#submissions.abort(exchange)
    }
  }

  /** A tunnel is over: as `forget`, but it may be heard of at any time, also when nothing more comes from the engine. */
  forgetTunnel (tunnel, engineKnows) {
    this.forget(tunnel, engineKnows)
    this.#letGo()
  }

  /** A tunnel, or an exchange, does (not) keep the event loop alive. */
  reference (isReferenced) {
    this.#unreferenced += isReferenced ? -1 : 1
    this.#hold()
    this.#letGo()
  }

  /** How many names there are of each kind. */
  get names () {
    return { exchanges: this.#exchanges.size, dispatchers: this.#dispatchers.size, sockets: this.#sockets.size }
  }

  // --- inside

  // The engine rang: everything that it published is heard, and what that led to goes out with one flush.
  #wake () {
    const completions = this.#completions
    let isAny = false
    do {
      isAny = this.#drain.run() || isAny
      if (completions.release()) {
        this.#handles.ring()
      }
    } while (!this.#drain.isPostponed && !completions.sleep())
    this.#submissions.flush()
    this.#letGo()
    if (this.#drain.isPostponed) {
      setImmediate(() => this.#wake())
    } else if (!isAny && this.#engine.takeFailure()) {
      this.#fail()
    }
  }

  // The engine is gone, by a fault of its own. What it had under way fails, and the next dispatcher gets another.
  #fail () {
    instance = null
    const error = () => new SocketError('the engine failed')
    for (const exchange of this.#exchanges.entries()) {
      exchange.fail(error())
    }
    for (const dispatcher of this.#dispatchers.entries()) {
      dispatcher.onEngineFailed(error())
    }
    this.#sockets.dropAll()
    this.#letGo()
  }

  #tunnel (exchange) {
    const socket = new TunnelSocket(this, exchange.owner.route.session)
    // The tunnel takes over the window with the pause of its exchange, of which its socket knows nothing.
    this.#submissions.resume(exchange)
    this.#exchanges.bequeath(exchange, socket)
    return socket
  }

  #isBusy () {
    return this.#exchanges.size - this.#unreferenced + this.#ending > 0
  }

  #hold () {
    if (!this.#isHeld && this.#isBusy()) {
      this.#isHeld = true
      this.#handles.hold()
    }
  }

  #letGo () {
    if (this.#isHeld && !this.#isBusy()) {
      this.#isHeld = false
      this.#handles.letGo()
    }
  }
}

let instance = null

/** The one of this environment. */
function bridge () {
  instance ??= new Bridge()
  return instance
}

/**
 * What is held now: how many exchanges (with their tunnels), dispatchers and lent sockets of this environment the
 * engine knows, and what the Rust side has allocated, all environments together.
 *
 * @returns {{ exchanges: number, dispatchers: number, sockets: number,
 *   allocations: { blocks: number, octets: number } }}
 */
function census () {
  const names = instance === null ? { exchanges: 0, dispatchers: 0, sockets: 0 } : instance.names
  return { ...names, allocations: allocations() }
}

module.exports = { bridge, census }
