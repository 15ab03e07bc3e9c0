'use strict'

// What a body may be, told by its shape, and the few things that are done to any stream alike: destroying
// one, its known length, whether somebody has read from it, and listening to a signal's abort.

const stream = require('node:stream')
const { addAbortListener: listenOnce } = require('node:events')

function isStream (value) {
  return value !== null && typeof value === 'object' &&
    typeof value.pipe === 'function' && typeof value.on === 'function'
}

function isAsyncIterable (value) {
  return value != null && typeof value[Symbol.asyncIterator] === 'function'
}

function isIterable (value) {
  return value != null &&
    (typeof value[Symbol.iterator] === 'function' || typeof value[Symbol.asyncIterator] === 'function')
}

// An iterator that somebody planted on Object.prototype does not make every object a list of pairs.
function hasOwnKindOfIterator (object) {
  return typeof object[Symbol.iterator] === 'function' &&
    object[Symbol.iterator] !== Object.prototype[Symbol.iterator]
}

// Blobs of other realms and packages count: they say so themselves and can be read.
function isBlobLike (value) {
  if (value instanceof Blob) {
    return true
  }
  if (value === null || typeof value !== 'object') {
    return false
  }
  const tag = value[Symbol.toStringTag]
  return (tag === 'Blob' || tag === 'File') &&
    (typeof value.stream === 'function' || typeof value.arrayBuffer === 'function')
}

const formDataMethods = ['append', 'delete', 'get', 'getAll', 'has', 'set']

function isFormDataLike (value) {
  return value !== null && typeof value === 'object' && value[Symbol.toStringTag] === 'FormData' &&
    formDataMethods.every((method) => typeof value[method] === 'function')
}

// Streams that were destroyed but cannot say so, and streams that may not be read a second time although
// nothing was read yet.
const destroyed = new WeakSet()
const used = new WeakSet()

function isDestroyed (body) {
  return Boolean(body && (body.destroyed || destroyed.has(body)))
}

function destroy (body, error) {
  if (!isStream(body) || isDestroyed(body)) {
    return
  }
  if (typeof body.destroy === 'function') {
    if (Object.getPrototypeOf(body).constructor === require('node:http').IncomingMessage) {
      // Its destroy() destroys the socket too, and with it the chance to answer on it.
      body.socket = null
    }
    try {
      body.destroy(error)
    } catch {
      // Sockets that something else owns (http2) refuse; their owner ends them.
    }
  } else if (error) {
    queueMicrotask(() => body.emit('error', error))
  }
  if (body.destroyed !== true) {
    destroyed.add(body)
  }
}

// Makes `isDisturbed` true: the body comes from a live source and cannot be had again.
function markUsed (body) {
  used.add(body)
}

function isDisturbed (body) {
  return Boolean(body && typeof body === 'object' && (stream.isDisturbed(body) || used.has(body)))
}

const view = Object.getPrototypeOf(Uint8Array.prototype)
const [bufferOf, offsetOf, lengthOf] = ['buffer', 'byteOffset', 'byteLength']
  .map((name) => Object.getOwnPropertyDescriptor(view, name).get)

// The octets of a Uint8Array, which may say something else of itself than is there: what is announced, reserved
// and written has to be the same.
function plainOctets (octets) {
  const length = lengthOf.call(octets)
  const kind = Object.getPrototypeOf(octets)
  const isPlain = (kind === Buffer.prototype || kind === Uint8Array.prototype) && octets.length === length &&
    octets.byteLength === length && !Object.hasOwn(octets, 'subarray')
  return isPlain ? octets : Buffer.from(bufferOf.call(octets), offsetOf.call(octets), length)
}

// The length of a body in octets where it is known before reading it, else null.
function bodyLength (body) {
  if (body == null) {
    return 0
  }
  if (isStream(body)) {
    const state = body._readableState
    return state && state.objectMode === false && state.ended === true && Number.isFinite(state.length)
      ? state.length
      : null
  }
  if (isBlobLike(body)) {
    return body.size ?? null
  }
  return body instanceof Uint8Array ? body.byteLength : null
}

// Signal → the callbacks of everybody who waits for it. A signal is often shared by hundreds of requests
// (a shutdown, an incoming request); one listener for all of them costs less than one each, and raises no
// MaxListenersExceededWarning.
const waiting = new WeakMap()

// Listens once to what can abort: an AbortSignal, another EventTarget, an EventEmitter. Returns what takes
// the listener off again.
function listenToAbort (signal, listener) {
  if (typeof signal.addEventListener !== 'function') {
    signal.once('abort', listener)
    return () => signal.removeListener('abort', listener)
  }
  if ('aborted' in signal) {
    const listening = listenOnce(signal, listener)
    return () => listening[Symbol.dispose]()
  }
  signal.addEventListener('abort', listener, { once: true })
  return () => signal.removeEventListener('abort', listener)
}

// Calls `callback` once when the signal, an AbortSignal or an EventEmitter, aborts. Returns what takes the
// callback off again; `callback` has to be a function of its own for each call.
function addAbortListener (signal, callback) {
  let group = waiting.get(signal)
  if (group === undefined) {
    const callbacks = new Set()
    const unlisten = listenToAbort(signal, () => {
      waiting.delete(signal)
      for (const one of [...callbacks]) {
        // As separate listeners would: one that throws does not keep the others from hearing.
        try {
          one()
        } catch (error) {
          process.nextTick(() => { throw error })
        }
      }
    })
    group = { callbacks, unlisten }
    waiting.set(signal, group)
  }
  group.callbacks.add(callback)

  return () => {
    group.callbacks.delete(callback)
    if (group.callbacks.size === 0 && waiting.get(signal) === group) {
      waiting.delete(signal)
      group.unlisten()
    }
  }
}

module.exports = {
  isStream,
  isAsyncIterable,
  isIterable,
  hasOwnKindOfIterator,
  isBlobLike,
  isFormDataLike,
  isDestroyed,
  destroy,
  markUsed,
  isDisturbed,
  plainOctets,
  bodyLength,
  addAbortListener
}
