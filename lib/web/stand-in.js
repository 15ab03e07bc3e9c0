'use strict'

// Node's own fetch, WebSocket and EventSource ask for the dispatcher of the process in the very call. Here that
// question is answered with ours where nothing was set and Node's own default is all there is. No web API is known here.

const { isBuiltIn } = require('../core/builtin')
const { getGlobalDispatcher } = require('../global')
const { understood } = require('./understood-dispatcher')

const symbols = [Symbol.for('undici.globalDispatcher.1'), Symbol.for('undici.globalDispatcher.2')]

let isLoaded = false

/**
 * Has Node make the dispatcher that it makes of its own when the first of these is touched, unless there is one: a stand-in
 * would keep it from that. What it puts in the place of one that somebody has set goes again: Node 26 looks for the newer
 * symbol alone, and older packages know the other.
 */
function load () {
  if (isLoaded) {
    return
  }
  const set = symbols.map((symbol) => globalThis[symbol])
  isLoaded = [globalThis.Headers, globalThis.Request, globalThis.Response, globalThis.FormData].length > 0
  symbols.forEach((symbol, index) => {
    if (set[index] != null && globalThis[symbol] !== set[index]) {
      globalThis[symbol] = set[index]
    }
  })
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
  const dispatcher = understood(getGlobalDispatcher())
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

module.exports = { load, withGlobalDispatcher }
