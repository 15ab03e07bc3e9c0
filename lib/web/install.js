'use strict'

// Puts the web APIs of this package in the place of Node's own.

const { builtin, isAvailable } = require('./builtins')
const { fetch } = require('./fetch')

const installed = ['Headers', 'Response', 'Request', 'FormData', 'WebSocket', 'CloseEvent', 'ErrorEvent', 'MessageEvent', 'EventSource']

/**
 * Sets `fetch` and the classes that belong to it on an object. What this Node.js lacks is left out, so that a program
 * that asks whether there is one gets a true answer.
 *
 * @param {object} [target] default: `globalThis`
 */
function install (target = globalThis) {
  target.fetch = fetch
  for (const name of installed) {
    if (isAvailable(name)) {
      target[name] = builtin(name)
    }
  }
}

module.exports = { install }
