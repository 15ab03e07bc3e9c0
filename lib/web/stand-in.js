'use strict'

// Node's own fetch, WebSocket and EventSource ask for the dispatcher of the process in the very call. Here that
// question is answered with ours where nothing was set and Node's own default is all there is. No web API is known here.

const { isBuiltIn } = require('../core/builtin')
const { getGlobalDispatcher } = require('../global')

const symbols = [Symbol.for('undici.globalDispatcher.1'), Symbol.for('undici.globalDispatcher.2')]

let isLoaded = false

// Node makes a dispatcher of its own when the first of these is touched, unless there is one. A stand-in would keep it
// from that.
function load () {
  if (!isLoaded) {
    isLoaded = [globalThis.Headers, globalThis.Request, globalThis.Response, globalThis.FormData].length > 0
  }
}

/**
 * Runs a synchronous call in which ours is the dispatcher of the process. A dispatcher that the call is given as an
 * option wins, because nobody is asked then.
 *
 * @template T
 * @param {() => T} call
 * @returns {T}
 */
function withGlobalDispatcher (call) {
  load()
  const dispatcher = getGlobalDispatcher()
  const replaced = symbols
    .map((symbol) => ({ symbol, own: globalThis[symbol] }))
    .filter(({ own }) => own != null && isBuiltIn(own))
  for (const { symbol } of replaced) {
    globalThis[symbol] = dispatcher
  }
  try {
    return call()
  } finally {
    for (const { symbol, own } of replaced) {
      // Unless the call set another one.
      if (globalThis[symbol] === dispatcher) {
        globalThis[symbol] = own
      }
    }
  }
}

module.exports = { withGlobalDispatcher }
