'use strict'

// A user's signal, an AbortSignal or an EventEmitter with 'abort': its check, its reason, listening to it.

const { InvalidArgumentError, RequestAbortedError } = require('../core/errors')
const { addAbortListener } = require('../core/streams')

function assertSignal (signal) {
  if (signal && typeof signal.on !== 'function' && typeof signal.addEventListener !== 'function') {
    throw new InvalidArgumentError('signal must be an EventEmitter or EventTarget')
  }
}

// Why the signal has aborted: what its owner said, if he said something.
function reasonOf (signal) {
  return signal.reason || new RequestAbortedError()
}

// Calls `callback` with the reason when the signal aborts. Returns what takes the callback off again.
function onAbort (signal, callback) {
  return addAbortListener(signal, () => callback(reasonOf(signal)))
}

module.exports = { assertSignal, onAbort, reasonOf }
