'use strict'

// One request and its response, as the user's handler lives through it. The exchange owns the state,
// settles exactly once, holds back the content while the handler is paused, and hands every call to the
// handler inside the caller's asynchronous context. It does not know the engine: `link` carries what it
// asks for, `owner` (the dispatcher) hears when it is over.
//
//   QUEUED ──begin──► STARTED ──head──► RESPONDING ─complete─► SETTLED
//     ▲                 │ │                  │                 ▲
//     └────restart──────┘ └──upgrade─────────┼─────────────────┤
//            abort, fail: from every state ──┴─────────────────┘

const { AsyncResource } = require('node:async_hooks')
const { RequestAbortedError } = require('../core/errors')
const { channels } = require('../core/diagnostics')
const { noFields } = require('../core/fields')
const { GivenOctets } = require('../core/octets')
const { NEVER, timingsOf } = require('../core/timings')
const { destroy, isStream } = require('../core/streams')

const QUEUED = 0
const STARTED = 1
const RESPONDING = 2
const SETTLED = 3

// How many octets of a body a handler takes before the engine hears of it: half of the smallest window,
// so that small bodies cost no record and large ones never stand still.
const RELEASE_THRESHOLD = 32 * 1024

class Exchange {
  // The engine's name for this exchange; the link sets and clears it.
  slot = -1
  generation = 0
  // For the link: whether it wants to be paused, whether the engine was told so, and whether it may be about to be.
  wantsPause = false
  isToldPause = false
  isPausing = false
  // Its connection may soon stand still unless it hears what the handler has taken.
  isStarving = true
  // Its place among all that its owner dispatched; the owner counts.
  number = 0
  // Its neighbours among those; the owner links them.
  earlier = null
  later = null
  // Microseconds that its user had waited for before it was dispatched here.
  waited = 0
  // Feeds a streamed request body, or the tunnel after an upgrade, with capacity.
  outlet = null
  // When the steps to its connection were done, if that was opened while it waited: words of the engine.
  opening = null

  // The callbacks that a handler of either generation may do without.
  #handler
  #hearsResponseStarted
  #hearsBodySent
  #hearsRequestSent
  #owner
  #link
  #request
  #resource
  #state = QUEUED
  #paused = false
  // What stands still until its user goes on does not keep the event loop alive.
  #isReferenced = true
  #held = null
  #delivering = false
  #taken = 0
  #isAborting = false
  #isInContext = false
  // When its steps were done, in words of the engine.
  #queuedAt = NEVER
  #sentAt = NEVER
  #firstByteAt = NEVER
  #endedAt = NEVER

  /**
   * @param {object} owner the dispatcher: `settled(exchange)` and `report(error)`
   * @param {object} link what an exchange may ask of the engine
   * @param {import('../core/request').Request} request
   * @param {object} handler the user's; one that brings its own asynchronous context is heard in that
   */
  constructor (owner, link, request, handler) {
    this.#handler = handler
    this.#hearsResponseStarted = typeof handler.onResponseStarted === 'function'
    this.#hearsBodySent = typeof handler.onBodySent === 'function'
    this.#hearsRequestSent = typeof handler.onRequestSent === 'function'
    this.#owner = owner
    this.#link = link
    this.#request = request
    this.#resource = handler instanceof AsyncResource ? handler : new AsyncResource('DODICI_EXCHANGE')
    if (request.body !== null) {
      // A request stream that fails ends its exchange, also while that waits in a queue.
      request.onBodyError = (error) => this.abort(error)
    }
  }

  get request () {
    return this.#request
  }

  get owner () {
    return this.#owner
  }

  get queued () {
    return this.#state === QUEUED
  }

  get settled () {
    return this.#state === SETTLED
  }

  get paused () {
    return this.#paused
  }

  /** When its steps were done; see docs/api/Dispatcher.md. The end is told with the end. */
  get timings () {
    const end = this.#state === SETTLED ? this.#endedAt : NEVER
    return timingsOf(this.#queuedAt, this.opening, this.#sentAt, this.#firstByteAt, end)
  }

  // --- what the dispatcher and the drain tell

  /** The request starts: the handler hears it. Returns whether it may be sent. */
  begin () {
    if (this.#state !== QUEUED) {
      return false
    }
    this.#state = STARTED
    try {
      if (this.#request.bodyError !== null) {
        this.abort(this.#request.bodyError)
      } else {
        this.#resource.runInAsyncScope(this.onStart, this)
      }
    } catch (error) {
      this.abort(error)
    }
    return this.#state === STARTED
  }

  /** The request was handed over. Unless a pump follows that was all of it. */
  sent () {
    if (this.outlet !== null || this.#state === SETTLED) {
      return
    }
    const { bytes } = this.#request.content
    if (bytes !== null) {
      this.bodyChunkSent(bytes)
    }
    this.bodySent()
  }

  bodyChunkSent (chunk) {
    if (this.#state === SETTLED) {
      return
    }
    if (channels.bodyChunkSent.hasSubscribers) {
      channels.bodyChunkSent.publish({ request: this.#request, chunk })
    }
    if (this.#hearsBodySent) {
      this.#notify(this.#onBodySent, chunk)
    }
  }

  /** So many octets of a chunk were handed over, and more of it are to come. For those who count: undici has no such thing. */
  bodyPieceSent (octets) {
    if (this.#state !== SETTLED && typeof this.#handler.onBodyPieceSent === 'function') {
      this.#notify(this.#onBodyPieceSent, octets)
    }
  }

  bodySent () {
    if (this.#state === SETTLED) {
      return
    }
    if (channels.bodySent.hasSubscribers) {
      channels.bodySent.publish({ request: this.#request })
    }
    if (this.#hearsRequestSent) {
      this.#notify(this.#onRequestSent)
    }
  }

  /** The connection was lost through no fault of this exchange; it waits again. */
  restart () {
    if (this.#state === STARTED) {
      this.#state = QUEUED
      this.#owner.requeued(this)
    }
  }

  informational (status, reason, fields) {
    if (!this.#responseStarted()) {
      return
    }
    this.#publishHeaders(status, reason, fields)
    this.#notify(this.onInformational, status, fields, reason)
  }

  head (status, reason, fields) {
    if (!this.#responseStarted()) {
      return
    }
    this.#state = RESPONDING
    this.#publishHeaders(status, reason, fields)
    this.#notify(this.onHead, status, fields, reason)
    if (this.isToldPause) {
      this.#letGo()
    }
  }

  /** Octets of the body, from `start` to `end` of what `memory` has (core/octets). */
  data (memory, start, end) {
    if (this.#isBlocked()) {
      if (this.#state !== SETTLED) {
        const held = new GivenOctets(memory.keep(start, end))
        this.#hold(() => this.data(held, 0, held.octets.length))
      }
      return
    }
    if (channels.bodyChunkReceived.hasSubscribers) {
      const chunk = memory.keep(start, end)
      channels.bodyChunkReceived.publish({ request: this.#request, chunk })
      this.#notify(this.onData, chunk)
    } else {
      this.#notify(this.onOctets, memory, start, end)
    }
    this.#taken += end - start
    this.#release()
  }

  /** The response is complete; `isClosing`: the connection takes no more requests. */
  complete (fields, isClosing) {
    if (isClosing) {
      this.#owner.closing(this)
    }
    if (this.#isBlocked()) {
      this.#hold(() => this.complete(fields, false))
      return
    }
    this.#settle(true)
    // The answer came before the request was all sent: nobody waits for the rest.
    this.outlet?.close()
    this.outlet = null
    const request = this.#request
    request.completed = true
    if (channels.trailers.hasSubscribers) {
      channels.trailers.publish(new Trailers(request, fields.toBuffers(), this))
    }
    try {
      this.#call(this.onEnd, fields)
    } catch (error) {
      this.#fault(error)
    }
    this.#owner.settled(this)
  }

  /** When the steps of it were done, in words of the engine. */
  time (queued, sent, firstByte, ended) {
    this.#queuedAt = queued
    this.#sentAt = sent
    this.#firstByteAt = firstByte
    this.#endedAt = ended
  }

  /** A whole response at once, its body likewise: entering the caller's context once is enough. */
  respond (status, reason, fields, memory, start, end, isClosing) {
    this.#resource.runInAsyncScope(this.#respond, this, status, reason, fields, memory, start, end, isClosing)
  }

  /** The connection became a tunnel; the link goes on to carry its octets to and from `socket`. */
  upgrade (status, reason, fields, socket) {
    if (!this.#responseStarted()) {
      socket.destroy()
      return
    }
    this.#state = SETTLED
    this.#held = null
    this.#refer()
    this.outlet?.close()
    this.outlet = null
    const request = this.#request
    request.releaseBody()
    this.#publishHeaders(status, reason, fields)
    try {
      this.#resource.runInAsyncScope(this.onUpgrade, this, status, fields, socket)
      request.completed = true
      if (channels.trailers.hasSubscribers) {
        channels.trailers.publish(new Trailers(request, [], this))
      }
    } catch (error) {
      this.#fault(error)
      socket.on('error', ignore)
      socket.destroy(error)
    }
    this.#owner.settled(this)
  }

  /** The engine failed this exchange and knows it no more. */
  fail (error) {
    this.#fail(error, true)
  }

  /** The engine has followed an abort; `isClosing`: at the price of the connection. */
  released (isClosing) {
    if (this.#isAborting) {
      this.#owner.aborted(isClosing)
    }
  }

  /** The engine was told of a pause that has outlasted a turn of the event loop. */
  halted () {
    this.#letGo()
  }

  /** The dispatcher is destroyed: from now on nothing is heard but that, and not before its caller is done. */
  doom (error) {
    if (this.#state === SETTLED) {
      return
    }
    // The engine forgets it together with its dispatcher.
    this.#settle(true)
    process.nextTick(() => this.#conclude(error))
  }

  capacity (octets) {
    this.outlet?.capacity(octets)
  }

  /** Tells the handler of octets; here, as a chunk of its own. */
  onOctets (memory, start, end) {
    this.onData(memory.keep(start, end))
  }

  // --- what the user asks

  /** Ends the exchange for its user at once; the engine follows. */
  abort (reason) {
    this.#fail(reason || new RequestAbortedError(), false)
  }

  pause () {
    if (!this.#paused && this.#state !== SETTLED) {
      this.#paused = true
      this.#link.pause(this)
    }
  }

  resume () {
    if (!this.#paused) {
      return
    }
    this.#paused = false
    if (this.#state === SETTLED) {
      return
    }
    this.#refer()
    this.#link.resume(this)
    if (this.#held !== null) {
      // Not at once: the call may come from inside a callback.
      process.nextTick(deliver, this)
    } else {
      this.#release()
    }
  }

  /** Runs `callback` in the asynchronous context of the caller of `dispatch`. */
  run (callback, ...values) {
    return this.#resource.runInAsyncScope(callback, null, ...values)
  }

  // --- inside

  deliver () {
    if (this.#held === null || this.#paused) {
      return
    }
    const held = this.#held
    this.#delivering = true
    let next = 0
    while (next < held.length && !this.#paused && this.#state !== SETTLED) {
      held[next++]()
    }
    this.#delivering = false
    if (next === held.length || this.#state === SETTLED) {
      this.#held = null
    } else {
      held.splice(0, next)
    }
    this.#release()
  }

  // What comes now is not for the handler: because it is over, or not yet.
  #isBlocked () {
    return this.#state === SETTLED || ((this.#paused || this.#held !== null) && !this.#delivering)
  }

  #hold (event) {
    if (this.#state !== SETTLED) {
      this.#held ??= []
      this.#held.push(event)
    }
  }

  #respond (status, reason, fields, memory, start, end, isClosing) {
    this.#isInContext = true
    try {
      this.head(status, reason, fields)
      if (end > start) {
        this.data(memory, start, end)
      }
      this.complete(noFields, isClosing)
    } finally {
      this.#isInContext = false
    }
  }

  #call (callback, first, second, third) {
    return this.#isInContext
      ? callback.call(this, first, second, third)
      : this.#resource.runInAsyncScope(callback, this, first, second, third)
  }

  #release () {
    if (this.#taken >= RELEASE_THRESHOLD && !this.#paused && this.#state !== SETTLED) {
      this.#link.release(this, this.#taken)
      this.#taken = 0
    }
  }

  #notify (callback, first, second, third) {
    try {
      this.#call(callback, first, second, third)
    } catch (error) {
      this.abort(error)
    }
  }

  #publishHeaders (statusCode, statusText, fields) {
    if (channels.headers.hasSubscribers) {
      channels.headers.publish({ request: this.#request, response: { statusCode, headers: fields.toBuffers(), statusText } })
    }
  }

  #fail (error, engineKnows) {
    if (this.#state === SETTLED) {
      return
    }
    this.#settle(engineKnows)
    this.#conclude(error, engineKnows)
  }

  // The source of the body ends as undici ends it: after the handler has heard why, and with an error only
  // where the connection had one.
  #conclude (error, isOfConnection = false) {
    this.#fault(error)
    if (this.outlet !== null) {
      this.outlet.close(isOfConnection ? error : undefined)
      this.outlet = null
    } else if (isStream(this.#request.body)) {
      this.#request.body.on('error', ignore)
      destroy(this.#request.body)
    }
    this.#owner.settled(this)
  }

  #onResponseStarted () {
    this.#handler.onResponseStarted()
  }

  #onBodySent (chunk) {
    this.#handler.onBodySent(chunk)
  }

  #onBodyPieceSent (octets) {
    this.#handler.onBodyPieceSent(octets)
  }

  #onRequestSent () {
    this.#handler.onRequestSent()
  }

  // Returns whether the exchange goes on.
  #responseStarted () {
    if (this.#hearsResponseStarted && this.#state !== SETTLED) {
      this.#notify(this.#onResponseStarted)
    }
    return this.#state !== SETTLED
  }

  // A pause holds no head: before one there is something to wait for.
  #letGo () {
    if (this.#isReferenced && this.#state === RESPONDING) {
      this.#isReferenced = false
      this.#link.reference(false)
    }
  }

  #refer () {
    if (!this.#isReferenced) {
      this.#isReferenced = true
      this.#link.reference(true)
    }
  }

  #settle (engineKnows) {
    this.#refer()
    if (!engineKnows && this.#state !== QUEUED && this.slot !== -1) {
      this.#isAborting = true
      this.#owner.aborting()
    }
    this.#state = SETTLED
    this.#held = null
    this.#request.releaseBody()
    this.#link.forget(this, engineKnows)
  }

  /** Tells the handler of its end; what it throws then is the dispatcher's 'error'. */
  #fault (error) {
    const request = this.#request
    if (channels.error.hasSubscribers) {
      channels.error.publish({ request, error })
    }
    request.aborted = true
    try {
      this.#call(this.onFault, error)
    } catch (fault) {
      this.#owner.report(fault)
    }
  }
}

// What `undici:request:trailers` tells. The timings are made for those who look.
class Trailers {
  #exchange

  constructor (request, trailers, exchange) {
    this.request = request
    this.trailers = trailers
    this.#exchange = exchange
  }

  get timings () {
    return this.#exchange.timings
  }
}
// `constructor` is that of a plain object.
delete Trailers.prototype.constructor

function ignore () {}

function deliver (exchange) {
  exchange.deliver()
}

module.exports = { Exchange }
