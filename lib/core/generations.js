'use strict'

// One handler generation as the other. A handler with a function `onRequestStart` is of the second generation, any
// other object with a method of the first is of that: there is no other test, because handlers go round that have methods
// of both.
//
// `asSecondGeneration` is what everything that stands before a dispatcher does with the handler it is given.
// `TwoFaced` is the class of what such things hand on, and `giveFirstFace` makes other classes like it: they speak the
// second generation, and whoever knows only the first, a dispatcher or an interceptor of an old package, meets that.

const { parseHeaders, toRawHeaders } = require('./headers')
const { InvalidArgumentError } = require('./errors')

function isOfSecondGeneration (handler) {
  return typeof handler.onRequestStart === 'function'
}

function assertObject (handler) {
  if (!handler || typeof handler !== 'object') {
    throw new InvalidArgumentError('handler must be an object')
  }
}

/**
 * Under this symbol a class has its method `dispatch`, if that takes handlers of either generation: whoever extends it and
 * writes another is told by that.
 */
const takesEither = Symbol('takes handlers of either generation')

const FIRST = ['onConnect', 'onUpgrade', 'onHeaders', 'onData', 'onComplete', 'onError']

// One that has no method of the first has nothing to be asked for there: it stays what it is, for those who can do
// without its start.
function isOfFirstGeneration (handler) {
  return !isOfSecondGeneration(handler) && FIRST.some((name) => typeof handler[name] === 'function')
}

/**
 * A handler of the second generation, whatever the one given is.
 *
 * @param {object} handler of either generation
 * @throws {InvalidArgumentError} where it is no object
 */
function asSecondGeneration (handler) {
  assertObject(handler)
  return isOfFirstGeneration(handler) ? new FirstAsSecond(handler) : handler
}

/** A handler of the first generation, likewise. */
function asFirstGeneration (handler) {
  assertObject(handler)
  return isOfFirstGeneration(handler) ? handler : firstFaceOf(handler)
}

const rawFields = (raw, parsed) => Array.isArray(raw) ? raw : toRawHeaders(raw ?? parsed ?? {})

// What a handler of the second generation may do with an exchange of the first.
class FirstController {
  rawHeaders = null
  rawTrailers = null
  // What `onHeaders` brings; null before it.
  continue = null
  // Nothing is known of its steps.
  timings = null

  #abort
  #paused = false
  #aborted = false
  #reason = null

  constructor (abort) {
    this.#abort = abort
  }

  pause () {
    this.#paused = true
  }

  resume () {
    if (this.#paused) {
      this.#paused = false
      this.continue?.()
    }
  }

  abort (reason) {
    if (!this.#aborted) {
      this.#aborted = true
      this.#reason = reason
      this.#abort(reason)
    }
  }

  get paused () {
    return this.#paused
  }

  get aborted () {
    return this.#aborted
  }

  get reason () {
    return this.#reason
  }
}

// A handler of the second generation for a dispatcher of the first.
class SecondAsFirst {
  #handler
  #controller = null

  constructor (handler) {
    this.#handler = handler
  }

  onConnect (abort, context) {
    this.#controller = new FirstController(abort)
    this.#handler.onRequestStart?.(this.#controller, context)
  }

  onUpgrade (statusCode, fields, socket) {
    this.#controller.rawHeaders = fields
    this.#handler.onRequestUpgrade?.(this.#controller, statusCode, parseHeaders(fields ?? []), socket)
  }

  onHeaders (statusCode, fields, resume, statusText) {
    this.#controller.continue = resume
    this.#controller.rawHeaders = fields
    this.#handler.onResponseStart?.(this.#controller, statusCode, parseHeaders(fields ?? []), statusText)
    return !this.#controller.paused
  }

  onData (chunk) {
    this.#handler.onResponseData?.(this.#controller, chunk)
    return !this.#controller.paused
  }

  onComplete (trailers) {
    this.#controller.rawTrailers = trailers
    this.#handler.onResponseEnd?.(this.#controller, parseHeaders(trailers ?? []))
  }

  onError (error) {
    this.#handler.onResponseError?.(this.#controller, error)
  }
}

const firstFaces = new WeakMap()

function firstFaceOf (handler) {
  let face = firstFaces.get(handler)
  if (face === undefined) {
    face = new SecondAsFirst(handler)
    firstFaces.set(handler, face)
  }
  return face
}

/** Has a handler's methods of the first generation say what `speaker`, of the second, hears. */
function speakFirstThrough (handler, speaker) {
  firstFaces.set(handler, new SecondAsFirst(speaker))
}

/** Gives a class with the methods of the second generation those of the first, which say the same. */
function giveFirstFace (Class) {
  for (const name of FIRST) {
    Object.defineProperty(Class.prototype, name, {
      value (...values) {
        return firstFaceOf(this)[name](...values)
      },
      configurable: true,
      writable: true
    })
  }
}

/** Speaks both generations; what extends it writes the methods of the second. */
class TwoFaced {}
giveFirstFace(TwoFaced)

// A handler of the first generation for a dispatcher of the second. Whoever knows the first meets it as it is.
class FirstAsSecond {
  #handler

  constructor (handler) {
    this.#handler = handler
    // A dispatcher of this package takes these from those alone who have them.
    for (const name of ['onDispatched', 'onBodySent', 'onBodyPieceSent', 'onRequestSent', 'onResponseStarted']) {
      if (typeof handler[name] === 'function') {
        this[name] = (value) => handler[name](value)
      }
    }
  }

  onConnect (abort, context) {
    this.#handler.onConnect?.(abort, context)
  }

  onUpgrade (statusCode, fields, socket) {
    this.#handler.onUpgrade?.(statusCode, fields, socket)
  }

  onHeaders (statusCode, fields, resume, statusText) {
    return this.#handler.onHeaders?.(statusCode, fields, resume, statusText)
  }

  onData (chunk) {
    return this.#handler.onData?.(chunk)
  }

  onComplete (trailers) {
    this.#handler.onComplete?.(trailers)
  }

  onError (error) {
    if (typeof this.#handler.onError !== 'function') {
      throw error
    }
    this.#handler.onError(error)
  }

  onRequestStart (controller, context) {
    this.#handler.onConnect?.((reason) => controller.abort(reason), context)
  }

  onRequestUpgrade (controller, statusCode, headers, socket) {
    this.#handler.onUpgrade?.(statusCode, rawFields(controller?.rawHeaders, headers), socket)
  }

  onResponseStart (controller, statusCode, headers, statusText) {
    const fields = rawFields(controller?.rawHeaders, headers)
    const answer = this.#handler.onHeaders?.(statusCode, fields, () => controller.resume(), statusText)
    if (answer === false && statusCode >= 200) {
      controller.pause()
    }
  }

  onResponseData (controller, chunk) {
    if (this.#handler.onData?.(chunk) === false) {
      controller.pause()
    }
  }

  onResponseEnd (controller, trailers) {
    this.#handler.onComplete?.(rawFields(controller?.rawTrailers, trailers))
  }

  onResponseError (controller, error) {
    this.onError(error)
  }
}

// A handler of the second generation for a dispatcher of either.
class SecondAsBoth extends TwoFaced {
  #handler

  constructor (handler) {
    super()
    this.#handler = handler
  }

  onRequestStart (controller, context) {
    this.#handler.onRequestStart?.(controller, context)
  }

  onRequestUpgrade (controller, statusCode, headers, socket) {
    this.#handler.onRequestUpgrade?.(controller, statusCode, headers, socket)
  }

  onResponseStart (controller, statusCode, headers, statusText) {
    this.#handler.onResponseStart?.(controller, statusCode, headers, statusText)
  }

  onResponseData (controller, chunk) {
    this.#handler.onResponseData?.(controller, chunk)
  }

  onResponseEnd (controller, trailers) {
    this.#handler.onResponseEnd?.(controller, trailers)
  }

  onResponseError (controller, error) {
    this.#handler.onResponseError?.(controller, error)
  }
}

/**
 * A handler that dispatchers of either generation understand.
 *
 * @param {object} handler of either generation
 * @throws {InvalidArgumentError} where it is no object
 */
function asBothGenerations (handler) {
  const second = asSecondGeneration(handler)
  return second instanceof FirstAsSecond || second instanceof TwoFaced ? second : new SecondAsBoth(second)
}

module.exports = {
  TwoFaced, asBothGenerations, asFirstGeneration, asSecondGeneration, giveFirstFace, speakFirstThrough, takesEither
}
