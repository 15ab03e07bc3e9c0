'use strict'

// One response for several handlers: that of the request that is sent, the leader, whose pauses are the exchange's, and
// those of the equal ones that joined it before its content came, the followers. What a follower pauses is kept for it,
// up to a size. Nobody ends the response of another: it goes on until the last of them is gone.

const { AsyncResource } = require('node:async_hooks')
const { TwoFaced, asSecondGeneration } = require('../core/generations')
const { RequestAbortedError } = require('../core/errors')
const { RelayController } = require('../handler/relay-controller')

// A handler that joined, and what it may do with the response. It is heard in the context of its own caller.
class Follower extends AsyncResource {
  #handler
  #maxBufferSize
  #onLeave
  #events = []
  #size = 0
  #started = false
  #paused = false
  #aborted = false
  #reason = null
  #isDelivering = false
  #isOver = false

  rawHeaders = null
  rawTrailers = null

  constructor (handler, maxBufferSize, onLeave) {
    super('DODICI_SHARED_RESPONSE')
    this.#handler = asSecondGeneration(handler)
    this.#maxBufferSize = maxBufferSize
    this.#onLeave = onLeave
    this.#handler.onDispatched?.(this)
  }

  pause () {
    this.#paused = true
  }

  resume () {
    if (this.#paused) {
      this.#paused = false
      this.#deliver()
    }
  }

  abort (reason) {
    if (this.#isOver) {
      return
    }
    this.#aborted = true
    this.#reason = reason ?? null
    this.fail(reason ?? new RequestAbortedError())
    this.#onLeave()
  }

  /** Nothing more is for it. */
  get isOver () {
    return this.#isOver
  }

  get paused () {
    return this.#paused
  }

  get aborted () {
    return this.#aborted
  }

  get reason () {
    return this.#reason
  }

  start (context) {
    if (!this.#started && !this.#isOver) {
      this.#started = true
      this.#call((handler) => handler.onRequestStart?.(this, context))
    }
  }

  respond (rawHeaders, statusCode, headers, statusText) {
    this.#add((handler) => {
      this.rawHeaders = rawHeaders
      handler.onResponseStart?.(this, statusCode, { ...headers }, statusText)
    })
  }

  /** @param {Buffer} own octets that nobody else has: nobody may see what another one does to them */
  push (own) {
    if (this.#paused || this.#events.length > 0) {
      this.#size += own.length
      if (this.#size > this.#maxBufferSize) {
        this.abort(new RequestAbortedError(`Deduplicated waiting handler exceeded maxBufferSize (${this.#maxBufferSize} bytes) while paused`))
        return
      }
    }
    this.#add((handler) => handler.onResponseData?.(this, own), own.length)
  }

  end (rawTrailers, trailers) {
    this.#add((handler) => {
      this.#isOver = true
      this.rawTrailers = rawTrailers
      handler.onResponseEnd?.(this, { ...trailers })
    })
  }

  fail (error) {
    if (!this.#isOver) {
      this.#isOver = true
      this.#events = []
      this.#run((handler) => handler.onResponseError?.(this, error))
    }
  }

  #add (event, size = 0) {
    if (!this.#isOver) {
      this.#events.push({ event, size })
      this.#deliver()
    }
  }

  #deliver () {
    if (this.#isDelivering) {
      return
    }
    this.#isDelivering = true
    while (this.#events.length > 0 && !this.#paused) {
      const { event, size } = this.#events.shift()
      this.#size = Math.max(0, this.#size - size)
      this.#call(event)
    }
    this.#isDelivering = false
  }

  // What a handler throws ends its own response, and nobody else's.
  #call (event) {
    try {
      this.runInAsyncScope(event, null, this.#handler)
    } catch (error) {
      this.#isOver = false
      this.fail(error)
      this.#onLeave()
    }
  }

  // Nobody is left to hear of what it throws now but its program.
  #run (event) {
    try {
      this.runInAsyncScope(event, null, this.#handler)
    } catch (error) {
      process.nextTick(() => { throw error })
    }
  }
}

class LeaderController extends RelayController {
  #leaves
  // Why the leader left, while the response goes on for others.
  #departure = null

  /** @param {Function} leaves whether the response goes on without the leader, who was told */
  constructor (leaves) {
    super()
    this.#leaves = leaves
  }

  abort (reason) {
    if (this.#departure !== null) {
      return
    }
    this.#departure = { reason: reason ?? null }
    if (!this.#leaves(reason)) {
      super.abort(reason)
    }
  }

  get aborted () {
    return this.#departure !== null || super.aborted
  }

  get reason () {
    return this.#departure === null ? super.reason : this.#departure.reason
  }

  /** Nobody is left. */
  abandon () {
    super.abort(new RequestAbortedError())
  }
}

class SharedResponse extends TwoFaced {
  #handler
  #controller = new LeaderController((reason) => this.#leaderLeaves(reason))
  #hasLeader = true
  #maxBufferSize
  #onEnd
  #followers = []
  // What those hear who join later; null while it did not come.
  #start = null
  #head = null
  #isOpen = true

  /**
   * @param {object} handler of the request that is sent
   * @param {number} maxBufferSize octets that are kept for each that joins and pauses
   * @param {Function} onEnd nobody can join any more, because it is over
   */
  constructor (handler, maxBufferSize, onEnd) {
    super()
    this.#handler = asSecondGeneration(handler)
    this.#maxBufferSize = maxBufferSize
    this.#onEnd = onEnd
  }

  /** Another handler wants the same response. Returns whether it gets that. */
  join (handler) {
    if (!this.#isOpen) {
      return false
    }
    const follower = new Follower(handler, this.#maxBufferSize, () => this.#followerLeft())
    this.#followers.push(follower)
    if (this.#start !== null) {
      follower.start(this.#start.context)
    }
    if (this.#head !== null) {
      follower.respond(...this.#head)
    }
    return true
  }

  /** It is over, or was never sent. */
  leave () {
    this.#isOpen = false
    this.#onEnd?.()
    this.#onEnd = null
  }

  onDispatched (target) {
    this.#controller.dispatched(target)
    this.#handler.onDispatched?.(this.#controller)
  }

  onRequestStart (controller, context) {
    if (!this.#controller.begin(controller)) {
      return
    }
    this.#start = { context }
    for (const follower of this.#followers) {
      follower.start(context)
    }
    this.#tellLeader((handler) => handler.onRequestStart?.(this.#controller, context))
  }

  onBodySent (chunk) {
    this.#tellLeader((handler) => handler.onBodySent?.(chunk))
  }

  onBodyPieceSent (octets) {
    this.#tellLeader((handler) => handler.onBodyPieceSent?.(octets))
  }

  onRequestSent () {
    this.#tellLeader((handler) => handler.onRequestSent?.())
  }

  onResponseStarted () {
    this.#tellLeader((handler) => handler.onResponseStarted?.())
  }

  onRequestUpgrade (controller, statusCode, headers, socket) {
    this.leave()
    this.#handler.onRequestUpgrade?.(this.#controller, statusCode, headers, socket)
  }

  onResponseStart (controller, statusCode, headers, statusText) {
    const head = [controller?.rawHeaders ?? null, statusCode, headers, statusText]
    // Whose request it is hears of its response first; who joins meanwhile is among those who are told then.
    this.#tellLeader((handler) => handler.onResponseStart?.(this.#controller, statusCode, headers, statusText))
    if (statusCode >= 200) {
      this.#head = head
    }
    for (const follower of this.#followers) {
      follower.respond(...head)
    }
  }

  onResponseData (controller, chunk) {
    this.#isOpen = false
    const copies = this.#followers.map((follower) => follower.isOver ? null : Buffer.from(chunk))
    this.#tellLeader((handler) => handler.onResponseData?.(this.#controller, chunk))
    copies.forEach((copy, index) => {
      if (copy !== null) {
        this.#followers[index].push(copy)
      }
    })
  }

  onResponseEnd (controller, trailers) {
    this.leave()
    try {
      this.#tellLeader((handler) => handler.onResponseEnd?.(this.#controller, trailers))
    } finally {
      this.#hasLeader = false
      for (const follower of this.#followers) {
        follower.end(controller?.rawTrailers ?? null, trailers)
      }
    }
  }

  onResponseError (controller, error) {
    this.leave()
    try {
      this.#tellLeader((handler) => handler.onResponseError?.(this.#controller, error))
    } finally {
      for (const follower of this.#followers) {
        follower.fail(error)
      }
    }
  }

  // --- inside

  #tellLeader (event) {
    if (!this.#hasLeader) {
      return
    }
    try {
      event(this.#handler)
    } catch (error) {
      if (!this.#leaderLeaves(error)) {
        throw error
      }
    }
  }

  // Returns whether others are there for whom the response goes on.
  #leaderLeaves (reason) {
    if (!this.#hasLeader) {
      return true
    }
    if (this.#followers.every((follower) => follower.isOver)) {
      return false
    }
    this.#hasLeader = false
    this.#controller.resume()
    this.#handler.onResponseError?.(this.#controller, reason ?? new RequestAbortedError())
    return true
  }

  #followerLeft () {
    if (!this.#hasLeader && this.#onEnd !== null && this.#followers.every((follower) => follower.isOver)) {
      this.leave()
      this.#controller.abandon()
    }
  }
}

module.exports = { SharedResponse }
