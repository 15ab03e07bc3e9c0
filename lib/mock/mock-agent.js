'use strict'

// A MockAgent: an Agent whose requests can be intercepted, with the dispatchers for that by their origins. What they
// do with a request is in mocked.js.

const { Agent } = require('../dispatcher/agent')
const { Dispatcher } = require('../dispatcher/dispatcher')
const { InvalidArgumentError, UndiciError } = require('../core/errors')
const { MockCallHistory, MockCallHistoryLog } = require('./mock-call-history')
const { MockClient } = require('./mock-client')
const { MockPool } = require('./mock-pool')
const { MOCKS, ask } = require('./mocked')
const { NetConnect } = require('./net-connect')
const { PendingInterceptorsFormatter } = require('./pending-interceptors-formatter')
const { assertBoolean, matches, normalizedOrigin, standardQuery } = require('./matching')

// What a MockAgent knows.
class AgentMocks {
  isActive = true
  netConnect = new NetConnect()
  isHistoryEnabled
  history
  agent

  #owner
  #options
  // By what they were asked for: a string, or a RegExp or function that strings are matched with.
  #members = new Map()

  constructor (owner, { agent, ...options }) {
    for (const name of ['enableCallHistory', 'acceptNonStandardSearchParameters', 'ignoreTrailingSlash']) {
      assertBoolean(options, name)
    }
    if (agent && typeof agent.dispatch !== 'function') {
      throw new InvalidArgumentError('Argument opts.agent must implement Agent')
    }
    this.agent = agent || new Agent(options)
    this.isHistoryEnabled = options.enableCallHistory ?? false
    this.history = this.isHistoryEnabled ? new MockCallHistory() : undefined
    this.#owner = owner
    this.#options = options
  }

  /** Where requests go that are not mocked, when it is not the mocked dispatcher itself: an agent of another kind. */
  get outlet () {
    return this.agent.standIns === undefined ? this.agent : undefined
  }

  /** The dispatcher of an origin; made where there is none. */
  dispatcherFor (origin) {
    const key = this.#keyOf(origin)
    return this.#members.get(key) ?? this.#open(key)
  }

  forget (origin, dispatcher) {
    const key = this.#keyOf(origin)
    if (this.#members.get(key) === dispatcher) {
      this.#members.delete(key)
      this.agent.standIns?.delete(key)
    }
  }

  log (options) {
    if (this.isHistoryEnabled) {
      this.history ??= new MockCallHistory()
      this.history.logs.push(new MockCallHistoryLog(options))
    }
  }

  dispatch (given, handler) {
    const options = { ...given, origin: this.#keyOf(given.origin) }
    const dispatcher = typeof options.origin === 'string' ? this.dispatcherFor(options.origin) : undefined
    this.log(options)
    if (dispatcher === undefined) {
      // The agent says what is wrong with it.
      return this.agent.dispatch(options, handler)
    }
    if (this.#options.acceptNonStandardSearchParameters && options.path) {
      options.path = standardQuery(options.path)
    }
    return this.outlet === undefined ? this.agent.dispatch(options, handler) : ask(dispatcher, options, handler)
  }

  pending () {
    return Array.from(this.#members).flatMap(([origin, dispatcher]) =>
      Array.from(dispatcher[MOCKS].interceptions)
        .filter(({ pending }) => pending)
        .map((interception) => ({ ...interception, origin })))
  }

  async close () {
    this.history?.clear()
    const members = [...this.#members.values()]
    this.#members.clear()
    await this.agent.close()
    // Those that the agent does not know: the ones for patterns, and all where it is of another kind.
    await Promise.all(members.filter(({ closed, destroyed }) => !closed && !destroyed).map((member) => member.close()))
  }

  // --- inside

  #keyOf (origin) {
    const key = normalizedOrigin(origin)
    return this.#options.ignoreTrailingSlash && typeof key === 'string' ? key.replace(/\/$/, '') : key
  }

  #open (key) {
    // What is for many origins only lends its interceptions; its own origin is never asked for anything.
    const isPattern = typeof key !== 'string'
    const dispatcher = this.#make(isPattern ? 'http://localhost:9999' : key)
    if (!isPattern) {
      for (const [pattern, { [MOCKS]: { interceptions } }] of this.#members) {
        if (typeof pattern !== 'string' && matches(pattern, key)) {
          dispatcher[MOCKS].interceptions = interceptions
          break
        }
      }
      this.agent.standIns?.set(key, dispatcher)
    }
    this.#members.set(key, dispatcher)
    return dispatcher
  }

  #make (origin) {
    const options = { ...this.#options, agent: this.#owner }
    return options.connections === 1 ? new MockClient(origin, options) : new MockPool(origin, options)
  }
}

class MockAgent extends Dispatcher {
  #mocks

  /**
   * @param {object} [options] see docs/api/MockAgent.md
   * @throws {InvalidArgumentError} for an `agent` that cannot dispatch, and for options that have to be booleans
   */
  constructor (options = {}) {
    super(options)
    this.#mocks = new AgentMocks(this, options)
  }

  get [MOCKS] () {
    return this.#mocks
  }

  /** Whether requests are intercepted. Node's own fetch asks, too. */
  get isMockActive () {
    return this.#mocks.isActive
  }

  /** What a WebSocket may receive: as the agent has it that makes the connections. */
  get webSocketOptions () {
    return this.#mocks.agent.webSocketOptions
  }

  /** What an EventSource may receive, likewise. */
  get eventSourceOptions () {
    return this.#mocks.agent.eventSourceOptions
  }

  /**
   * The dispatcher of an origin, on which requests are intercepted: a MockPool, or a MockClient where `connections` is 1.
   *
   * @param {string|URL|RegExp|Function} origin what is intercepted for a RegExp or a function is so for each origin
   *   that it matches and that is asked for afterwards the first time
   */
  get (origin) {
    return this[MOCKS].dispatcherFor(origin)
  }

  /**
   * @param {object} options see docs/api/Dispatcher.md
   * @param {object} handler of either generation; it hears a MockNotMatchedError where no interceptor is for the
   *   request, and it may not be sent either
   */
  dispatch (options, handler) {
    return this[MOCKS].dispatch(options, handler)
  }

  /** Closes the agent and all mocked dispatchers, and forgets what they intercept. */
  async close () {
    await this[MOCKS].close()
  }

  /** Ends now: what is under way on a connection fails with `error`. */
  destroy (...values) {
    return this[MOCKS].agent.destroy(...values)
  }

  /** From now on nothing is intercepted. */
  deactivate () {
    this[MOCKS].isActive = false
  }

  /** Ends that. */
  activate () {
    this[MOCKS].isActive = true
  }

  /**
   * Requests that no interceptor is for are sent: all, or with a matcher those to its hosts and the ones named before.
   *
   * @param {string|RegExp|Function} [matcher] of `host:port`
   * @throws {InvalidArgumentError} where it is none of these
   */
  enableNetConnect (matcher) {
    this[MOCKS].netConnect.enable(matcher)
  }

  /** Requests that no interceptor is for fail with a MockNotMatchedError. */
  disableNetConnect () {
    this[MOCKS].netConnect.disable()
  }

  /** Requests are logged from now on. */
  enableCallHistory () {
    this[MOCKS].isHistoryEnabled = true
    return this
  }

  /** Requests are logged no more; the logs stay. */
  disableCallHistory () {
    this[MOCKS].isHistoryEnabled = false
    return this
  }

  /** @returns {MockCallHistory|undefined} undefined before anything was logged, unless the option asked for it */
  getCallHistory () {
    return this[MOCKS].history
  }

  /** Forgets all logs. */
  clearCallHistory () {
    this[MOCKS].history?.clear()
  }

  /** The interceptors that have not given all their replies. */
  pendingInterceptors () {
    return this[MOCKS].pending()
  }

  /**
   * @param {{ pendingInterceptorsFormatter?: { format: Function } }} [options] what makes text of them
   * @throws {UndiciError} with a table of the interceptors that are pending, where there are any
   */
  assertNoPendingInterceptors ({ pendingInterceptorsFormatter = new PendingInterceptorsFormatter() } = {}) {
    const pending = this.pendingInterceptors()
    if (pending.length > 0) {
      const subject = pending.length === 1 ? '1 interceptor is' : `${pending.length} interceptors are`
      throw new UndiciError(`${subject} pending:\n\n${pendingInterceptorsFormatter.format(pending)}`.trim())
    }
  }
}

module.exports = { MockAgent }
