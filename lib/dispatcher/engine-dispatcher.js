'use strict'

// One origin and up to so many connections at a time, opened when requests need them: what a Client is with one
// and a Pool stands on with more. The engine queues, connects and schedules; what lives here is what the user
// sees of that: the exchanges under way, whether it is busy, its events, its end. Its connections are counted in
// connections.js; how they are made is known in route.js.

const { DispatcherBase, queuedBefore } = require('./dispatcher-base')
const { clientOptions } = require('./client-options')
const { Connections } = require('./connections')
const { Dispatched } = require('./dispatched')
const { Route } = require('./route')
const { FirstGenerationExchange } = require('../handler/first-generation')
const { SecondGenerationExchange } = require('../handler/second-generation')
const { Request } = require('../core/request')
const { kBusy, kNeedDrain, kUrl } = require('../core/symbols')
const { ownOrigin, parseOrigin } = require('../core/url')
const { isIterable } = require('../core/streams')
const { channels } = require('../core/diagnostics')
const { ClientDestroyedError, InformationalError, RequestContentLengthMismatchError } = require('../core/errors')
const { bridge } = require('../native/bridge')
const tls = require('../native/security')
const { record, WHOLE_BODY_LIMIT } = require('../native/request-record')

class EngineDispatcher extends DispatcherBase {
  // The engine's name for this dispatcher; the bridge sets and clears it.
  slot = -1
  generation = 0

  #url
  #origin
  #options
  #pipelining
  #hostHeader
  #route
  #link = null
  #connections
  // In the order of their dispatch: all that are not settled; those of them that were not told of their start;
  // those that are not with the engine yet.
  #exchanges = new Dispatched()
  #dispatched = 0
  #waiting = []
  // How many at the front of those lost one of several connections and wait again.
  #again = 0
  #isBeginning = false
  #deferred = []
  #needsDrain = false
  #drainScheduled = false
  #onEmpty = null
  #onDestroyed = null
  #destroyError = null

  /**
   * @param {string|URL|object} url the origin; a path, query or fragment is refused
   * @param {object} options see docs/api/Client.md
   * @param {number} connections how many it may have at a time; Infinity for no bound
   */
  constructor (url, options, connections) {
    const checked = clientOptions(options)
    super(options, 'Client')
    this.#options = checked
    this.#connections = new Connections(connections)
    this.#url = parseOrigin(url)
    this.#origin = this.#url.origin
    this.#hostHeader = this.#url.host
    this.#route = new Route(this.#url, checked.connect, tls)
    this.#setPipelining(checked.pipelining)
  }

  get [ownOrigin] () {
    return this.#origin
  }

  get [kUrl] () {
    return this.#url
  }

  get [kBusy] () {
    return this.#isBusy()
  }

  get [kNeedDrain] () {
    return this.#needsDrain
  }

  /** How many requests are sent on the connection before the first of them is answered. */
  get pipelining () {
    return this.#pipelining
  }

  set pipelining (value) {
    this.#setPipelining(value)
    if (this.slot !== -1) {
      this.#link.pipelining(this, this.#concurrency())
    }
    this.#checkDrain()
  }

  // --- for what stands on it

  /** How many connections are open. */
  get open () {
    return this.#connections.open
  }

  /** How many connections it may have. */
  get connections () {
    return this.#connections.limit
  }

  /** How many requests are not settled. */
  get size () {
    return this.#exchanges.size
  }

  /** How many of them are under way, as far as one can tell from here. */
  get running () {
    return this.#connections.running(this.#exchanges.size)
  }

  /** How many connections can take another request now, as far as one can tell from here. */
  get free () {
    return this.#connections.free(this.#exchanges.size)
  }

  /** It was too busy for another request, and has not told since that it no longer is. */
  get needsDrain () {
    return this.#needsDrain
  }

  // --- for the bridge

  /** How its connections are made, and what their errors tell of them. */
  get route () {
    return this.#route
  }

  /** Has a connector connect a socket, to a peer of this name where there is one, and tell `answer`. */
  connectSocket (serverName, answer) {
    this.#route.connectSocket(serverName, this.open > 0, answer)
  }

  // --- for DispatcherBase

  onDispatch (options, handler) {
    const request = new Request(this.#origin, options, handler)
    this.#link ??= bridge()
    if (this.#needsDrain && !this.#isBusy() && this.listenerCount('drain') === 0) {
      // Nobody waits for it.
      this.#needsDrain = false
    }
    const Exchange = typeof handler.onRequestStart === 'function' ? SecondGenerationExchange : FirstGenerationExchange
    const exchange = new Exchange(this, this.#link, request, handler)
    exchange.number = this.#dispatched++
    if (options[queuedBefore] !== undefined) {
      exchange.waited = options[queuedBefore].takeWaited()
    }
    this.#exchanges.add(exchange)
    if (typeof handler.onDispatched === 'function') {
      handler.onDispatched(exchange)
    }
    if (this.#deferred.length > 0 || isStreamed(request.body)) {
      // Its source may end in this very tick, and then its length is known.
      this.#defer(exchange)
    } else {
      this.#submit(exchange)
    }
    this.#needsDrain ||= this.#isBusy()
    return !this.#needsDrain
  }

  onClose () {
    return new Promise((resolve) => {
      this.#onEmpty = resolve
      this.#checkEmpty()
    })
  }

  onDestroy (error) {
    this.#destroyError = error
    const exchanges = this.#exchanges.all()
    for (const exchange of exchanges) {
      if (exchange.queued) {
        exchange.abort(error)
      }
    }
    for (const exchange of exchanges) {
      exchange.doom(error)
    }
    return new Promise((resolve) => {
      if (this.slot === -1) {
        resolve()
      } else {
        this.#onDestroyed = resolve
        this.#link.destroy(this)
      }
    })
  }

  // --- for the drain

  onConnecting () {
    this.#route.connecting(this.open > 0)
  }

  onConnected (session) {
    this.#route.connected(session, this.open > 0)
    this.#connections.opened()
    this.#tell('connect', this.#url, [this])
    this.#beginWaiting()
    this.#checkDrain()
  }

  onConnectFailed (error) {
    if (this.destroyed) {
      return
    }
    this.#route.failed(error, this.open > 0)
    // The handlers of those who waited hear of it first.
    process.nextTick(() => {
      this.emit('connectionError', this.#url, [this], error)
      this.#drainAtOnce()
      this.#checkIdle()
    })
  }

  onDisconnected (error) {
    this.#connections.closed()
    this.#tell('disconnect', this.#url, [this], error instanceof ClientDestroyedError ? this.#destroyError : error)
    this.#beginWaiting()
    if (error instanceof InformationalError) {
      this.#checkDrain()
    } else {
      this.#drainAtOnce()
    }
    this.#checkIdle()
  }

  onDestroyed () {
    this.#link.destroyed(this)
    this.#onDestroyed()
  }

  /** The engine is gone; the next request finds another. */
  onEngineFailed (error) {
    this.#connections.lost()
    while (this.open > 0) {
      this.onDisconnected(error)
    }
    if (this.#onDestroyed !== null) {
      this.onDestroyed()
    } else if (this.slot !== -1) {
      this.#link.leave(this)
    }
    this.#link = null
  }

  // --- for the exchanges

  /** An exchange is over. */
  settled (exchange) {
    this.#exchanges.remove(exchange)
    this.#noCloser(exchange)
    if (this.#exchanges.size === 0 && !this.#isBeginning) {
      this.#waiting.length = 0
      this.#again = 0
    }
    this.#checkEmpty()
    this.#checkDrain()
  }

  /** An exchange that was under way is aborted; the engine will say what becomes of its connection. */
  aborting () {
    this.#connections.aborting()
  }

  /** The connection of an exchange takes no more requests and will end. */
  closing (exchange) {
    this.#connections.ending(exchange)
  }

  /** The engine has followed an abort. */
  aborted (isClosing) {
    this.#connections.aborted(isClosing)
    this.#beginWaiting()
    this.#checkDrain()
  }

  /**
   * An exchange lost its connection and waits again: with one connection at the place that it has in the engine's queue,
   * which is in the order of dispatch and lets nobody pass the first, so that the first has to be begun first. With
   * several it came to the front of that queue, and where exactly is not known: it is begun as soon as one stays.
   */
  requeued (exchange) {
    this.#noCloser(exchange)
    const waiting = this.#waiting
    if (this.#connections.limit > 1) {
      waiting.unshift(exchange)
      this.#again++
      this.#beginWaiting()
      return
    }
    let at = waiting.length
    while (at > 0 && waiting[at - 1].number > exchange.number) {
      at--
    }
    waiting.splice(at, 0, exchange)
  }

  /** A handler threw where nobody is left to hear of it. */
  report (error) {
    try {
      this.emit('error', error)
    } catch (fault) {
      // Nobody listens, or who does throws: it is for the program, and what is under way here goes on.
      process.nextTick(() => { throw fault })
    }
  }

  // --- events

  on (event, listener) {
    super.on(event, listener)
    if (event === 'drain') {
      this.#checkDrain()
    }
    return this
  }

  addListener (event, listener) {
    return this.on(event, listener)
  }

  // --- inside

  #concurrency () {
    return Math.min(this.#pipelining, 0xffffffff) || 0
  }

  #setPipelining (value) {
    this.#pipelining = value
    this.#connections.depth = this.#concurrency() || 1
  }

  #isBusy () {
    return this.#connections.isBusy(this.#exchanges.size)
  }

  #defer (exchange) {
    this.#deferred.push(exchange)
    if (this.#deferred.length === 1) {
      queueMicrotask(() => {
        const deferred = this.#deferred
        this.#deferred = []
        for (const one of deferred) {
          this.#submit(one)
        }
      })
    }
  }

  #submit (exchange) {
    if (exchange.settled) {
      return
    }
    const { request } = exchange
    const { content } = request
    if (content.error !== null) {
      exchange.abort(content.error)
      return
    }
    if (content.mismatch) {
      const error = new RequestContentLengthMismatchError()
      if (this.#options.strictContentLength) {
        exchange.abort(error)
        return
      }
      process.emitWarning(error)
    }
    const isStarted = this.#waiting.length === 0 && this.#connections.lasting > 0
    if (isStarted && !this.#begin(exchange)) {
      return
    }
    if (this.slot === -1) {
      this.#link.open(this, this.#engineOptions())
    }
    const isStreamed = content.source !== null || (content.bytes !== null && content.bytes.length > WHOLE_BODY_LIMIT)
    this.#link.dispatch(
      exchange,
      this,
      record(request, isStreamed, isStarted, this.#hostHeader, this.#route.serverNameFor(request), exchange.decoding, this.#options),
      isStreamed ? content : null,
      this.#options.strictContentLength
    )
    if (isStarted) {
      this.#announce(exchange)
    } else {
      this.#waiting.push(exchange)
    }
  }

  // Tells the user of an exchange that it starts. False if that was its end.
  #begin (exchange) {
    if (!exchange.begin()) {
      return false
    }
    if (this.#closes(exchange.request)) {
      this.#connections.closer(exchange)
    }
    return true
  }

  // A callback may lead here again: the loop that runs already goes on with whatever that changed.
  #beginWaiting () {
    if (this.#isBeginning) {
      return
    }
    this.#isBeginning = true
    let next = 0
    while (next < this.#waiting.length) {
      const exchange = this.#waiting[next]
      if (this.#connections.staying <= (next < this.#again ? 0 : this.#connections.closersBefore(exchange))) {
        break
      }
      next++
      if (this.#begin(exchange)) {
        this.#link.start(exchange)
        this.#announce(exchange)
      }
    }
    // One at a time is what opening connections makes of it, and taking the first away makes no array.
    if (next === 1) {
      this.#waiting.shift()
    } else {
      this.#waiting.splice(0, next)
    }
    this.#again = Math.max(0, this.#again - next)
    this.#isBeginning = false
  }

  // Nothing follows this request on its connection.
  #closes ({ method, upgrade, reset }) {
    return reset ?? (method === 'HEAD' || method === 'CONNECT' || upgrade !== null || this.#concurrency() === 0)
  }

  #noCloser (exchange) {
    if (this.#connections.noCloser(exchange)) {
      this.#beginWaiting()
    }
  }

  #announce (exchange) {
    if (channels.sendHeaders.hasSubscribers) {
      channels.sendHeaders.publish({ request: exchange.request, headers: this.#head(exchange.request), socket: this.#route.session })
    }
    exchange.sent()
  }

  // The head with the connection field that the engine will most likely write.
  #head (request) {
    const { head, connectionAt, framingAt } = request.serializeHead(this.#hostHeader)
    if (connectionAt === -1) {
      return head.slice(0, framingAt)
    }
    return `${head.slice(0, connectionAt)}connection: ${this.#closes(request) ? 'close' : 'keep-alive'}\r\n${head.slice(connectionAt, framingAt)}`
  }

  #engineOptions () {
    const options = this.#options
    return {
      ...this.#route.options(),
      connections: Math.min(this.connections, 0xffffffff),
      pipelining: this.#concurrency(),
      keepAliveTimeout: options.keepAliveTimeout,
      keepAliveMaxTimeout: options.keepAliveMaxTimeout,
      keepAliveTimeoutThreshold: options.keepAliveTimeoutThreshold,
      maxHeaderSize: options.maxHeaderSize,
      maxResponseSize: options.maxResponseSize,
      maxRequests: options.maxRequestsPerClient,
      share: options.share
    }
  }

  #tell (event, ...values) {
    try {
      this.emit(event, ...values)
    } catch (error) {
      // A listener's exception is its owner's; the exchanges must not suffer.
      queueMicrotask(() => { throw error })
    }
  }

  #checkEmpty () {
    if (this.#onEmpty !== null && this.#exchanges.size === 0) {
      this.#onEmpty()
      this.#onEmpty = null
    }
  }

  // Nothing under way and no connection: the engine need not know of it, and nothing but its user holds it.
  #checkIdle () {
    if (this.open === 0 && this.#exchanges.size === 0 && this.slot !== -1 && !this.destroyed) {
      this.#link.leave(this)
    }
  }

  // 'drain' comes after the callbacks and promises of what made room, because they may fill it again.
  #checkDrain () {
    if (this.#needsDrain && !this.#drainScheduled && !this.#isBusy() && !this.destroyed && this.listenerCount('drain') > 0) {
      this.#drainScheduled = true
      setImmediate(() => {
        this.#drainScheduled = false
        this.#drainAtOnce()
      })
    }
  }

  // Where a connection failed it comes with that, as in undici: before the promises of those who failed are heard.
  #drainAtOnce () {
    if (this.#needsDrain && !this.#isBusy() && !this.destroyed) {
      this.#needsDrain = false
      this.#tell('drain', this.#url, [this])
    }
  }
}

function isStreamed (body) {
  return body !== null && !(body instanceof Uint8Array) && isIterable(body)
}

module.exports = { EngineDispatcher }
