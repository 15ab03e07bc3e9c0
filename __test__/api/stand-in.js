'use strict'

// A dispatcher without a network: a script tells it what to call on the handler. The same script is run
// through our calls and through undici's, and what their user sees is compared.

const { EventEmitter } = require('node:events')
const ours = require('../../lib/api')

const reference = {
  request: require('undici8/lib/api/api-request'),
  stream: require('undici8/lib/api/api-stream'),
  pipeline: require('undici8/lib/api/api-pipeline'),
  connect: require('undici8/lib/api/api-connect'),
  upgrade: require('undici8/lib/api/api-upgrade')
}

class Controller {
  rawHeaders = null
  aborted = false
  paused = false
  #log
  #handler

  constructor (log, handler) {
    this.#log = log
    this.#handler = handler
  }

  pause () {
    this.#log('pause')
    this.paused = true
  }

  resume () {
    this.paused = false
  }

  abort (reason) {
    if (!this.aborted) {
      this.aborted = true
      this.#log(`abort ${reason?.name}: ${reason?.message}`)
      const error = reason || Object.assign(new Error('Request aborted'), { name: 'AbortError' })
      this.#handler.onResponseError(this, error)
    }
  }
}

// `script({ handler, controller, options, log })` plays the part of the network.
class StandIn extends EventEmitter {
  // The scripts that were started.
  playing = []
  #script
  #log

  constructor ({ request, stream, pipeline, connect, upgrade }, script, log) {
    super()
    Object.assign(this, { request, stream, pipeline, connect, upgrade })
    this.#script = script
    this.#log = log
  }

  dispatch (options, handler) {
    const controller = new Controller(this.#log, handler)
    this.playing.push(this.#script({ handler, controller, options, log: this.#log }))
    return true
  }
}

// Everything that can still happen has happened.
async function quiet () {
  for (let turn = 0; turn < 6; turn++) {
    await new Promise(setImmediate)
  }
}

const said = (error) => error && `${error.name}: ${error.message}`

// Runs `scenario({ dispatcher, log })` with the script on one implementation; returns the log.
async function trace (calls, script, scenario) {
  const lines = []
  const log = (...words) => lines.push(words.map((word) => typeof word === 'string' ? word : JSON.stringify(word)).join(' '))
  const dispatcher = new StandIn(calls, script, log)
  await scenario({ dispatcher, log })
  await Promise.all(dispatcher.playing)
  await quiet()
  return lines
}

// A response with a head and chunks; strings of the list are chunks, null is the end, functions are called.
const respond = (chunks, { statusCode = 200, headers = {}, trailers = {}, statusText = 'OK' } = {}) =>
  async ({ handler, controller, log }) => {
    handler.onRequestStart(controller, null)
    if (controller.aborted) {
      return
    }
    await null
    controller.rawHeaders = Object.entries(headers).flat().map((one) => Buffer.from(`${one}`))
    try {
      handler.onResponseStart(controller, statusCode, headers, statusText)
    } catch (error) {
      log(`onResponseStart threw ${said(error)}`)
      controller.abort(error)
    }
    for (const chunk of chunks) {
      if (controller.aborted) {
        return
      }
      if (typeof chunk === 'function') {
        await chunk({ handler, controller })
      } else if (chunk === null) {
        handler.onResponseEnd(controller, trailers)
      } else {
        handler.onResponseData(controller, Buffer.from(chunk))
      }
    }
  }

const pause = () => quiet()

module.exports = { ours, reference, trace, respond, pause, quiet, said, StandIn }
