'use strict'

// A SnapshotAgent: a MockAgent that records the responses of real servers, and gives them again without a server.

const { STATUS_CODES } = require('node:http')
const { Agent } = require('../dispatcher/agent')
const { fail } = require('../dispatcher/dispatcher-base')
const { InvalidArgumentError, UndiciError } = require('../core/errors')
const { toRawHeaders } = require('../core/headers')
const { asSecondGeneration } = require('../core/generations')
const { MockAgent } = require('./mock-agent')
const { MockController } = require('./mock-controller')
const { MOCKS } = require('./mocked')
const { SnapshotRecorder } = require('./snapshot-recorder')

const MODES = ['record', 'playback', 'update']

// A symbol, not private fields: what `compose` returns is a proxy, which has to find it too.
const SNAPSHOTS = Symbol('snapshots')

let isWarned = false

// What a SnapshotAgent knows.
class Snapshots {
  mode
  path
  recorder

  #owner
  // Makes the real requests; null where there is nothing to make them for.
  #realAgent
  #isRealAgentOurs
  #isLoaded = false
  #loading = null
  // What was intercepted for the snapshots that were loaded last.
  #intercepted = []

  constructor (owner, options) {
    const { mode = 'record', snapshotPath = null } = options
    if (!MODES.includes(mode)) {
      throw new InvalidArgumentError(`Invalid snapshot mode: ${mode}. Must be one of: ${MODES.join(', ')}`)
    }
    if (mode !== 'record' && !snapshotPath) {
      throw new InvalidArgumentError(`snapshotPath is required when mode is '${mode}'`)
    }
    this.mode = mode
    this.path = snapshotPath
    this.recorder = new SnapshotRecorder(options)
    this.#owner = owner
    const isNeeded = mode !== 'playback' || options.excludeUrls?.length > 0
    this.#isRealAgentOurs = isNeeded && !options.agent
    this.#realAgent = this.#isRealAgentOurs ? new Agent(options) : options.agent ?? null
    if (mode !== 'record') {
      // Who asks first hears what is wrong with the file.
      this.#ensureLoaded().catch(() => {})
    }
  }

  dispatch (options, handler) {
    if (this.recorder.isUrlExcluded(options)) {
      return this.#realAgent.dispatch(options, handler)
    }
    const told = asSecondGeneration(handler)
    if (this.mode === 'record') {
      return this.#record(options, told)
    }
    if (!this.#isLoaded) {
      this.#ensureLoaded()
        .then(() => this.dispatch(options, handler))
        .catch((error) => told.onResponseError(null, error))
      return true
    }
    const snapshot = this.recorder.findSnapshot(options)
    if (snapshot !== undefined) {
      return this.#replay(snapshot.response, told)
    }
    if (this.mode === 'update') {
      return this.#record(options, told)
    }
    fail(handler, new UndiciError(`No snapshot found for ${options.method || 'GET'} ${options.path}`))
    return false
  }

  async load (filePath) {
    await this.recorder.loadSnapshots(filePath || this.path)
    this.#isLoaded = true
    if (this.mode === 'playback') {
      this.#intercept()
    }
  }

  async close () {
    // Played back, only the counts of calls have changed: the file stays as it is.
    if (this.mode !== 'playback') {
      await this.recorder.close()
    }
    if (this.#isRealAgentOurs) {
      await this.#realAgent.close()
    }
  }

  // --- inside

  #ensureLoaded () {
    return (this.#loading ??= this.load().finally(() => { this.#loading = null }))
  }

  #record (options, handler) {
    return this.#realAgent.dispatch(options, new RecordingHandler(this.recorder, options, handler))
  }

  #replay ({ statusCode, statusMessage = STATUS_CODES[statusCode], headers, trailers, body }, handler) {
    let isEnded = false
    const end = (error) => {
      if (!isEnded) {
        isEnded = true
        handler.onResponseError?.(controller, error)
      }
    }
    const controller = new MockController(end)
    const steps = [
      () => handler.onRequestStart(controller, null),
      () => {
        controller.rawHeaders = toRawHeaders(headers)
        handler.onResponseStart?.(controller, statusCode, headers, statusMessage)
      },
      () => handler.onResponseData?.(controller, Buffer.from(body, 'base64')),
      () => {
        isEnded = true
        controller.rawTrailers = toRawHeaders(trailers)
        handler.onResponseEnd?.(controller, trailers)
      }
    ]
    try {
      for (const step of steps) {
        if (!isEnded) {
          step()
        }
      }
    } catch (error) {
      end(error)
    }
    return true
  }

  // For those who ask the dispatcher of an origin instead of this agent.
  #intercept () {
    for (const { interceptions, interception } of this.#intercepted) {
      interception.consumed = true
      interceptions.drop(interception)
    }
    this.#intercepted = []
    for (const { request, responses, response } of this.recorder.getSnapshots()) {
      const { statusCode, headers, trailers, body } = responses?.[0] ?? response
      const { origin, pathname, search } = new URL(request.url)
      const hasHeaders = Object.keys(request.headers).length > 0
      const dispatcher = this.#owner.get(origin)
      dispatcher
        .intercept({
          path: pathname + search,
          method: request.method,
          headers: hasHeaders ? request.headers : undefined,
          body: request.body || undefined
        })
        .reply(statusCode, Buffer.from(body, 'base64'), { headers, trailers })
        .persist()
      const { interceptions } = dispatcher[MOCKS]
      this.#intercepted.push({ interceptions, interception: [...interceptions].at(-1) })
    }
  }
}

// Hears a real response on the way to its handler.
class RecordingHandler {
  #recorder
  #options
  #handler
  #statusCode
  #headers
  #body = []

  constructor (recorder, options, handler) {
    this.#recorder = recorder
    this.#options = options
    this.#handler = handler
  }

  onRequestStart (controller, context) {
    return this.#handler.onRequestStart(controller, context)
  }

  onRequestUpgrade (controller, statusCode, headers, socket) {
    return this.#handler.onRequestUpgrade?.(controller, statusCode, headers, socket)
  }

  onResponseStart (controller, statusCode, headers, statusText) {
    this.#statusCode = statusCode
    this.#headers = headers
    return this.#handler.onResponseStart?.(controller, statusCode, headers, statusText)
  }

  onResponseData (controller, chunk) {
    this.#body.push(chunk)
    return this.#handler.onResponseData?.(controller, chunk)
  }

  onResponseEnd (controller, trailers) {
    this.#recorder.add(this.#options, {
      statusCode: this.#statusCode,
      headers: this.#headers,
      body: Buffer.concat(this.#body),
      trailers
    })
    return this.#handler.onResponseEnd?.(controller, trailers)
  }

  onResponseError (controller, error) {
    return this.#handler.onResponseError?.(controller, error)
  }
}

class SnapshotAgent extends MockAgent {
  #snapshots

  /**
   * @param {object} [options] see docs/api/SnapshotAgent.md
   * @throws {InvalidArgumentError} for a `mode` that is none, and without a `snapshotPath` where the mode needs one
   */
  constructor (options = {}) {
    if (!isWarned) {
      isWarned = true
      process.emitWarning('SnapshotAgent is experimental and subject to change', 'ExperimentalWarning')
    }
    const { mode, snapshotPath, ...mockOptions } = options
    super(mockOptions)
    this.#snapshots = new Snapshots(this, options)
  }

  get [SNAPSHOTS] () {
    return this.#snapshots
  }

  /** @throws {UndiciError} to the handler: `No snapshot found for …` when one is played back that was not recorded */
  dispatch (options, handler) {
    return this[SNAPSHOTS].dispatch(options, handler)
  }

  /**
   * Puts the snapshots of a file in the place of those that there are.
   *
   * @param {string} [filePath] default: `snapshotPath`
   */
  async loadSnapshots (filePath) {
    await this[SNAPSHOTS].load(filePath)
  }

  /**
   * Writes all snapshots into a file.
   *
   * @param {string} [filePath] default: `snapshotPath`
   */
  async saveSnapshots (filePath) {
    await this.getRecorder().saveSnapshots(filePath || this[SNAPSHOTS].path)
  }

  /** @returns {SnapshotRecorder} */
  getRecorder () {
    return this[SNAPSHOTS].recorder
  }

  /** @returns {'record'|'playback'|'update'} */
  getMode () {
    return this[SNAPSHOTS].mode
  }

  /** Forgets all snapshots. */
  clearSnapshots () {
    this.getRecorder().clear()
  }

  /** Each request gets its first response next. */
  resetCallCounts () {
    this.getRecorder().resetCallCounts()
  }

  /** Forgets the snapshot of a request. Returns whether there was one. */
  deleteSnapshot (request) {
    return this.getRecorder().deleteSnapshot(request)
  }

  /** Facts about the snapshot of a request; null where there is none. */
  getSnapshotInfo (request) {
    return this.getRecorder().getSnapshotInfo(request)
  }

  /** Puts snapshots in the place of those that there are. */
  replaceSnapshots (data) {
    this.getRecorder().replaceSnapshots(data)
  }

  /** Closes as a MockAgent does, after the snapshots were written, unless they are only played back. */
  async close () {
    await this[SNAPSHOTS].close()
    await super.close()
  }
}

module.exports = { SnapshotAgent }
