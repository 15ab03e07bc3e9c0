'use strict'

// Which hosts a request without an interceptor may go to: all, none, or those that a matcher names.

const { InvalidArgumentError } = require('../core/errors')
const { matches } = require('./matching')

class NetConnect {
  #isOpen = true
  // Instead of `#isOpen` where there are any: each a string, a RegExp or a function of the host.
  #matchers = null

  /** @throws {InvalidArgumentError} where the matcher is of no kind that is known */
  enable (matcher) {
    if (matcher === undefined) {
      this.#isOpen = true
      this.#matchers = null
    } else if (typeof matcher === 'string' || typeof matcher === 'function' || matcher instanceof RegExp) {
      this.#matchers = [...this.#matchers ?? [], matcher]
    } else {
      throw new InvalidArgumentError('Unsupported matcher. Must be one of String|Function|RegExp.')
    }
  }

  disable () {
    this.#isOpen = false
    this.#matchers = null
  }

  /** Why a request must not go to `origin`; undefined where it may. */
  refusal (origin) {
    if (this.#matchers === null) {
      return this.#isOpen ? undefined : 'net.connect disabled'
    }
    const { host } = new URL(origin)
    return this.#matchers.some((matcher) => matches(matcher, host))
      ? undefined
      : 'net.connect is not enabled for this origin'
  }
}

module.exports = { NetConnect }
