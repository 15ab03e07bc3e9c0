'use strict'

// Plays a kept response to a handler, as if it had come from a server: start, head, content, end. The stream of its content
// is the whole state: a pause is its pause, an abort destroys it.

const assert = require('node:assert')
const { discard, octetsOf, streamOf } = require('../cache/kept-content')
const { RequestAbortedError } = require('../core/errors')
const { toRawHeaders } = require('../core/headers')

class StoredController {
  rawHeaders = []
  rawTrailers = []
  // Nothing is known of its steps.
  timings = null

  #stream
  #aborted = false
  #reason = null

  constructor (stream) {
    this.#stream = stream
  }

  pause () {
    this.#stream.pause()
  }

  resume () {
    this.#stream.resume()
  }

  abort (reason) {
    if (!this.#aborted) {
      this.#aborted = true
      this.#reason = reason ?? new RequestAbortedError()
      this.#stream.destroy(this.#reason)
    }
  }

  get paused () {
    return this.#stream.isPaused()
  }

  get aborted () {
    return this.#aborted
  }

  get reason () {
    return this.#reason
  }
}

/**
 * @param {object} handler of the second generation
 * @param {object} stored what a store gave
 * @param {object} how `method`; `age` in seconds, undefined where it is not told; `isStale`; `context` of the exchange in which it was validated
 */
function play (handler, stored, { method, age, isStale, context }) {
  const stream = streamOf(stored.body)
  assert(!stream.destroyed, 'stream should not be destroyed')
  assert(!stream.readableDidRead, 'stream should not be readableDidRead')
  const controller = new StoredController(stream)
  let isOver = false

  const fail = (error) => {
    if (!isOver) {
      isOver = true
      handler.onResponseError?.(controller, error)
    }
  }
  const end = () => {
    if (isOver) {
      return
    }
    try {
      handler.onResponseEnd?.(controller, {})
      isOver = true
    } catch (error) {
      fail(error)
    }
  }
  // What a handler throws is its own response's end, and not that of the process: nobody else is on the stack later.
  const tell = (name, ...facts) => {
    try {
      handler[name]?.(controller, ...facts)
    } catch (error) {
      stream.destroy(error)
    }
    return !stream.destroyed
  }

  stream.on('error', fail)
  if (!tell('onRequestStart', context)) {
    return
  }
  const headers = { ...stored.headers }
  if (age !== undefined) {
    headers.age = String(age)
  }
  if (isStale) {
    headers.warning = '110 - "response is stale"'
  }
  controller.rawHeaders = toRawHeaders(headers)
  if (!tell('onResponseStart', stored.statusCode, headers, stored.statusMessage)) {
    return
  }
  if (method === 'HEAD') {
    stream.on('close', end)
    discard(stream)
    return
  }
  stream.on('data', (chunk) => tell('onResponseData', octetsOf(chunk)))
  stream.on('end', end)
  stream.on('close', () => fail(new RequestAbortedError('The stored response ended too soon')))
}

module.exports = { play }
