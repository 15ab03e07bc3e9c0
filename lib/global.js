'use strict'

// The dispatcher of those who name none. It is shared with every copy of undici in the process, Node's own among
// them, through two properties of globalThis: one for handlers of the second generation, one for the first. Nothing is
// written there before somebody sets one: Node puts its proxy there at its start. What Node puts there for its own fetch
// nobody has set.

const { Agent } = require('./dispatcher/agent')
const { Dispatcher1Wrapper } = require('./dispatcher/dispatcher1-wrapper')
const { isBuiltIn } = require('./core/builtin')
const { InvalidArgumentError } = require('./core/errors')

const SECOND = Symbol.for('undici.globalDispatcher.2')
const FIRST = Symbol.for('undici.globalDispatcher.1')

// Where globalThis takes no more properties.
let fallback = null
// Where nobody set one.
let standard = null

/**
 * Makes `dispatcher` that of `fetch`, of the calls of this package, and of every copy of undici in the process.
 *
 * @param {{ dispatch: Function }} dispatcher
 * @throws {InvalidArgumentError} it has no `dispatch`
 */
function setGlobalDispatcher (dispatcher) {
  if (!dispatcher || typeof dispatcher.dispatch !== 'function') {
    throw new InvalidArgumentError('Argument agent must implement Agent')
  }
  if (define(SECOND, dispatcher)) {
    define(FIRST, dispatcher instanceof Dispatcher1Wrapper ? dispatcher : new Dispatcher1Wrapper(dispatcher))
  } else {
    fallback = dispatcher
  }
}

/**
 * The dispatcher that was set last by whatever copy of undici; without one, an Agent.
 *
 * @returns {Dispatcher}
 */
function getGlobalDispatcher () {
  return setBySomebody(SECOND) ?? fallback ?? setBySomebody(FIRST) ?? (standard ??= new Agent())
}

function setBySomebody (name) {
  const dispatcher = globalThis[name]
  return dispatcher == null || isBuiltIn(dispatcher) ? undefined : dispatcher
}

// A property that is not writable would not be taken over by others, so both are, as undici's are.
function define (name, value) {
  return Reflect.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: false })
}

module.exports = { setGlobalDispatcher, getGlobalDispatcher }
