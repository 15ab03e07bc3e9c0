'use strict'

// What makes a MockClient of a Client and a MockPool of a Pool: requests that are intercepted get their reply, the
// others go on to the origin, if they may.

const { InvalidArgumentError } = require('../core/errors')
const { fail } = require('../dispatcher/dispatcher-base')
const { Interceptions } = require('./interceptions')
const { MockExchange } = require('./mock-exchange')
const { MockInterceptor } = require('./mock-interceptor')
const { MockNotMatchedError } = require('./mock-errors')

// What a MockAgent and its dispatchers know of themselves. A symbol, not private fields: what `compose` returns is a
// proxy, which has to find it too.
const MOCKS = Symbol('mocks')

// What a dispatcher mocks: its origin, what is intercepted, and who may go on.
class MockedOrigin {
  interceptions = new Interceptions()
  #agent
  #origin
  #ignoreTrailingSlash

  constructor (origin, { agent, ignoreTrailingSlash = false }) {
    this.#agent = agent
    this.#origin = origin
    this.#ignoreTrailingSlash = ignoreTrailingSlash
  }

  intercept (options) {
    return new MockInterceptor(options && { ignoreTrailingSlash: this.#ignoreTrailingSlash, ...options }, this.interceptions)
  }

  /** Replies to a request where one is to be mocked. Returns whether that was so. */
  reply (options, handler) {
    if (!this.#agent.isMockActive) {
      return false
    }
    const { interceptions } = this
    try {
      const interception = interceptions.match(options)
      interception.invoke()
      new MockExchange(interceptions, interception, options, handler).begin()
      return true
    } catch (error) {
      if (error?.code !== 'UND_MOCK_ERR_MOCK_NOT_MATCHED') {
        throw error
      }
      const refusal = this.#agent[MOCKS].netConnect.refusal(this.#origin)
      if (refusal !== undefined) {
        throw new MockNotMatchedError(`${error.message}: subsequent request to origin ${this.#origin} was not allowed ` +
          `(${refusal}), ${interceptions.remaining} interceptor(s) remaining out of ${interceptions.total} defined`)
      }
      return false
    }
  }

  /** Where a request goes that is not mocked; undefined: to the dispatcher itself. */
  get outlet () {
    return this.#agent[MOCKS]?.outlet
  }

  /** The dispatcher is closed; the agent makes another when it is asked for. */
  leave (dispatcher) {
    this.#agent[MOCKS]?.forget(this.#origin, dispatcher)
  }
}

/**
 * The class of a mocked dispatcher.
 *
 * @param {string} name of the class
 * @param {Function} Base Client or Pool
 */
function mocked (name, Base) {
  const Mocked = class extends Base {
    #mocks

    /**
     * @param {string} origin
     * @param {object} options those of the dispatcher, `agent` and `ignoreTrailingSlash`
     * @throws {InvalidArgumentError} where there is no agent
     */
    constructor (origin, options) {
      if (!options || !options.agent || typeof options.agent.dispatch !== 'function') {
        throw new InvalidArgumentError('Argument opts.agent must implement Agent')
      }
      super(origin, options)
      this.#mocks = new MockedOrigin(origin, options)
    }

    get [MOCKS] () {
      return this.#mocks
    }

    /** As the dispatcher has it, but connected until it is closed: it can always reply. */
    get stats () {
      const stats = super.stats
      stats.connected = Number(!this.closed)
      return stats
    }

    /**
     * Says which requests are intercepted; the object that is returned takes what they get.
     *
     * @param {object} options see docs/api/MockPool.md
     * @returns {MockInterceptor}
     * @throws {InvalidArgumentError} where there are none, or no path
     */
    intercept (options) {
      return this[MOCKS].intercept(options)
    }

    /** Forgets all that is intercepted. */
    cleanMocks () {
      this[MOCKS].interceptions = new Interceptions()
    }

    /** @throws {MockNotMatchedError} where no interceptor is for the request, and it may not be sent either */
    dispatch (options, handler) {
      if (this.#mocks.reply(options, handler)) {
        return true
      }
      const real = '__mockAgentBodyForDispatch' in options
        ? { ...options, body: options.__mockAgentBodyForDispatch }
        : options
      const { outlet } = this.#mocks
      return outlet === undefined ? super.dispatch(real, handler) : outlet.dispatch(real, handler)
    }

    async onClose () {
      await super.onClose()
      this.#mocks.leave(this)
    }
  }
  Object.defineProperty(Mocked, 'name', { value: name })
  return Mocked
}

/** As an agent asks one of its dispatchers: what is thrown goes to the handler. */
function ask (dispatcher, options, handler) {
  try {
    return dispatcher.dispatch(options, handler)
  } catch (error) {
    fail(handler, error)
    return false
  }
}

module.exports = { MOCKS, mocked, ask }
