'use strict'

// A dispatcher of any package in front of Node.js's own classes. Their handlers are of the one generation that this Node.js
// has, and the dispatcher may be of a package that knows the other alone: what it is given speaks both. What the classes
// read of a dispatcher besides is read of that one.

const { asBothGenerations, takesEither } = require('../core/generations')

class UnderstoodDispatcher {
  #dispatcher

  constructor (dispatcher) {
    this.#dispatcher = dispatcher
  }

  dispatch (options, handler) {
    return this.#dispatcher.dispatch(options, asBothGenerations(handler))
  }

  get isMockActive () {
    return this.#dispatcher.isMockActive
  }

  get webSocketOptions () {
    return this.#dispatcher.webSocketOptions
  }

  get eventSourceOptions () {
    return this.#dispatcher.eventSourceOptions
  }
}

// Dispatcher → the one in front of it, so that it stays the same.
const known = new WeakMap()

/** A dispatcher that understands Node.js's handlers: ours do, and are themselves; others are stood before, also those that extend ours. */
function understood (dispatcher) {
  if (dispatcher.dispatch === dispatcher[takesEither]) {
    return dispatcher
  }
  if (!known.has(dispatcher)) {
    known.set(dispatcher, new UnderstoodDispatcher(dispatcher))
  }
  return known.get(dispatcher)
}

module.exports = { UnderstoodDispatcher, understood }
