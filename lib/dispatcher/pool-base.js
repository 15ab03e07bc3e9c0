'use strict'

// A dispatcher made of dispatchers, its members: which of them takes a request, the queue of those that none
// takes now, and the events and the end of all together. Which member is next, and when there is another, is for the
// classes that extend this one.

const { AsyncResource } = require('node:async_hooks')
const { DispatcherBase, fail, queuedBefore } = require('./dispatcher-base')
const { PoolStats } = require('./stats')
const { kBusy, kNeedDrain, showFigures } = require('../core/symbols')
const { TimeoutError } = require('../core/errors')

// Node.js's timers know no longer times, in milliseconds.
const LONGEST_TIMER = 0x7fffffff

// A request that waits is dispatched later, from another's callback; it keeps the context of its own caller.
class QueuedRequest extends AsyncResource {
  #options
  #handler
  #since = performance.now()
  #timer = null

  /**
   * @param {object} options
   * @param {object} handler
   * @param {number} timeout milliseconds for the exchange as a whole, 0 for none
   * @param {(request: QueuedRequest) => void} onLate they are over, and it still waits
   */
  constructor (options, handler, timeout, onLate) {
    super('DODICI_QUEUED_REQUEST')
    this.#options = options
    this.#handler = handler
    if (timeout > 0 && timeout < LONGEST_TIMER) {
      // A timer of Node.js's may be early by a part of a millisecond.
      this.#timer = setTimeout(() => {
        onLate(this)
        const error = new TimeoutError(`Timeout Error (timeout: ${timeout}ms)`)
        this.fail(Object.assign(error, { phase: 'connecting', reused: false, retryable: true }))
      }, Math.ceil(timeout) + 1)
    }
  }

  giveTo (member) {
    clearTimeout(this.#timer)
    this.runInAsyncScope(member.take, member, { ...this.#options, [queuedBefore]: this }, this.#handler)
  }

  /** How many microseconds it has waited here; counted once, for the first exchange that is made of it. */
  takeWaited () {
    const since = this.#since
    this.#since = Infinity
    return Math.min(Math.max(0, Math.round((performance.now() - since) * 1000)), 0xffffffff)
  }

  fail (error) {
    clearTimeout(this.#timer)
    this.runInAsyncScope(fail, null, this.#handler, error)
  }
}

class Member {
  dispatcher
  url
  /** It has said no, and not 'drain' since. */
  isBusy = false
  /** When it connected last, in milliseconds; 0 before. */
  connectedAt = 0
  /** The larger, the more requests it gets from a BalancedPool. */
  weight = 0

  constructor (dispatcher, url) {
    this.dispatcher = dispatcher
    this.url = url
  }

  /** It was not closed by its user. */
  get isOpen () {
    return this.dispatcher.closed !== true && this.dispatcher.destroyed !== true
  }

  get isAvailable () {
    return !this.isBusy && this.isOpen
  }

  /** Hands a request over, and notes whether it takes another. */
  take (options, handler) {
    if (!this.dispatcher.dispatch(options, handler)) {
      // One that refused a request as wrong is not busy, and would not tell when it no longer is.
      this.isBusy = this.dispatcher.needsDrain ?? true
    }
  }
}

class PoolBase extends DispatcherBase {
  #timeout
  #members = []
  // Those that were taken out and finish what they have, each with the promise of its end.
  #retiring = new Map()
  #queue = new Set()
  #needsDrain = false
  #onQueueEmpty = null

  constructor (options, name) {
    super(options, name)
    this.#timeout = options?.timeout
  }

  // --- for the classes that extend this one

  /** The members in rotation. */
  get members () {
    return this.#members
  }

  /** How many requests wait for a member. */
  get queued () {
    return this.#queue.size
  }

  /** The member that takes the next request; null where all are busy. May make one. */
  select () {
    return null
  }

  /** Whether another request would find a member. May make one. */
  hasRoom () {
    return this.#members.some((member) => member.isAvailable)
  }

  memberConnected (member) {}

  memberDisconnected (member, error) {}

  memberFailedToConnect (member, origin) {}

  /** Puts a dispatcher for `url` into rotation. */
  add (dispatcher, url) {
    const member = new Member(dispatcher, url)
    dispatcher.on('drain', (origin, targets) => this.#drained(member, origin, targets))
    dispatcher.on('connect', (origin, targets) => {
      member.connectedAt = Date.now()
      this.emit('connect', origin, [this].concat(targets))
      this.memberConnected(member)
    })
    dispatcher.on('disconnect', (origin, targets, error) => {
      this.emit('disconnect', origin, [this, ...targets], error)
      this.memberDisconnected(member, error)
    })
    dispatcher.on('connectionError', (origin, targets, error) => {
      this.memberFailedToConnect(member, origin)
      this.emit('connectionError', origin, [this, ...targets], error)
    })
    this.#members.push(member)
    if (this.#needsDrain) {
      queueMicrotask(() => {
        if (this.#needsDrain && !member.isBusy) {
          this.#drained(member, url, [dispatcher])
        }
      })
    }
    return member
  }

  /** Takes a member out of rotation. It finishes the requests that it has, and others take those that wait. */
  retire (member) {
    const at = this.#members.indexOf(member)
    if (at === -1) {
      return
    }
    this.#members.splice(at, 1)
    const { dispatcher } = member
    if (dispatcher.destroyed) {
      return
    }
    this.#retiring.set(dispatcher, new Promise((resolve) => {
      // With a callback: a dispatcher of the user's need not return a promise.
      dispatcher.close(() => {
        this.#retiring.delete(dispatcher)
        resolve()
      })
    }))
  }

  /** As `retire`; whether there is room is what those who are left say. */
  remove (member) {
    this.retire(member)
    this.#needsDrain = !this.#members.some((other) => other.isAvailable)
  }

  /** Gives waiting requests to members, and tells where there is room for more. */
  serveQueue (origin, dispatcher) {
    this.#serveQueue(origin, [dispatcher])
  }

  /** It was too busy for another request, and has not told since that it no longer is. */
  get needsDrain () {
    return this.#needsDrain
  }

  get [kNeedDrain] () {
    return this.needsDrain
  }

  get [kBusy] () {
    return this.needsDrain
  }

  get stats () {
    const sum = { connected: 0, free: 0, pending: this.#queue.size, queued: this.#queue.size, running: 0, size: this.#queue.size }
    for (const { dispatcher: { stats }, isBusy } of this.#members) {
      if (stats === undefined) {
        continue
      }
      sum.connected += Number(stats.connected)
      sum.free += stats.connected && !isBusy ? 1 : 0
      sum.pending += stats.pending
      sum.running += stats.running
      sum.size += stats.size
    }
    return new PoolStats(sum)
  }

  // --- for DispatcherBase

  onDispatch (options, handler) {
    const member = this.select()
    if (member === null) {
      this.#needsDrain = true
      const timeout = options.timeout ?? this.#timeout
      this.#queue.add(new QueuedRequest(options, handler, timeout, (late) => this.#late(late)))
    } else {
      member.take(options, handler)
      if (member.isBusy) {
        this.#needsDrain = !this.hasRoom()
      }
    }
    return !this.#needsDrain
  }

  onClose () {
    if (this.#queue.size === 0) {
      return this.#closeMembers()
    }
    return new Promise((resolve) => { this.#onQueueEmpty = resolve })
  }

  onDestroy (error) {
    const queue = [...this.#queue]
    this.#queue.clear()
    for (const request of queue) {
      request.fail(error)
    }
    const dispatchers = [...this.#members.map((member) => member.dispatcher), ...this.#retiring.keys()]
    return Promise.all(dispatchers.map((dispatcher) => dispatcher.destroy(error)))
  }

  // --- inside

  #drained (member, origin, targets) {
    if (!this.#members.includes(member) || member.dispatcher.closed || member.dispatcher.destroyed) {
      return
    }
    member.isBusy = false
    while (this.#queue.size > 0 && !member.isBusy) {
      this.#takeFirst().giveTo(member)
    }
    if (this.#queue.size > 0) {
      this.#serveQueue(origin, targets)
    } else if (!member.isBusy) {
      this.#tellDrain(origin, targets)
    }
    this.#checkQueueEmpty()
  }

  #serveQueue (origin, targets) {
    let hasRoom = true
    while (hasRoom && this.#queue.size > 0) {
      const member = this.select()
      if (member === null) {
        hasRoom = false
      } else {
        this.#takeFirst().giveTo(member)
        hasRoom = !member.isBusy || this.hasRoom()
      }
    }
    if (hasRoom) {
      this.#tellDrain(origin, targets)
    }
    this.#checkQueueEmpty()
  }

  #late (request) {
    this.#queue.delete(request)
    this.#checkQueueEmpty()
  }

  #takeFirst () {
    const [first] = this.#queue
    this.#queue.delete(first)
    return first
  }

  #tellDrain (origin, targets) {
    if (this.#needsDrain) {
      this.#needsDrain = false
      this.emit('drain', origin, [this, ...targets])
    }
  }

  #checkQueueEmpty () {
    if (this.#onQueueEmpty !== null && this.#queue.size === 0) {
      const resolve = this.#onQueueEmpty
      this.#onQueueEmpty = null
      this.#closeMembers().then(resolve)
    }
  }

  #closeMembers () {
    const living = this.#members.map((member) => member.dispatcher).filter((dispatcher) => !dispatcher.destroyed)
    return Promise.all([...living.map((dispatcher) => dispatcher.close()), ...this.#retiring.values()])
  }
}

showFigures(PoolBase)

module.exports = { PoolBase }
