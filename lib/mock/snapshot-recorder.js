'use strict'

// The snapshots of a SnapshotAgent: requests with the responses that were recorded for them, in the order in which
// they were first made, and the file that they are kept in.

const { mkdir, readFile, writeFile } = require('node:fs/promises')
const path = require('node:path')
const { InvalidArgumentError, UndiciError } = require('../core/errors')
const { RequestMatcher, hashOf } = require('./snapshot-request')

const always = () => true

// The options: name, default of what is not given or false.
const OPTIONS = [
  ['snapshotPath', undefined],
  ['maxSnapshots', Infinity],
  ['autoFlush', false],
  ['flushInterval', 1000],
  ['matchHeaders', []],
  ['ignoreHeaders', []],
  ['excludeHeaders', []],
  ['normalizeBody', undefined],
  ['normalizeQuery', undefined],
  ['caseSensitive', false],
  ['shouldRecord', always],
  ['shouldPlayback', always],
  ['excludeUrls', []]
]

class SnapshotRecorder {
  #options = {}
  #matcher
  // By the hash of their request: `{ request, responses, callCount, timestamp }`.
  #snapshots = new Map()
  // Runs while something is recorded that is not in the file.
  #flushTimer = null
  // The file is written once at a time.
  #saved = Promise.resolve()

  /** @param {object} [options] see docs/api/SnapshotAgent.md */
  constructor (options = {}) {
    for (const [name, standard] of OPTIONS) {
      this.#options[name] = options[name] || standard
    }
    this.#options.matchBody = options.matchBody !== false
    this.#options.matchQuery = options.matchQuery !== false
    this.#matcher = new RequestMatcher(this.#options)
  }

  /** Adds a response to those of its request, unless the request is not to be recorded. */
  async record (request, response) {
    this.add(request, response)
  }

  /** As `record`, at once. */
  add (request, { statusCode, headers, body, trailers }) {
    const { shouldRecord, maxSnapshots, autoFlush, snapshotPath } = this.#options
    if (!shouldRecord(request) || this.isUrlExcluded(request)) {
      return
    }
    const described = this.#matcher.describe(request)
    const hash = hashOf(described)
    const response = {
      statusCode,
      headers: this.#matcher.storedHeaders(headers),
      body: Buffer.from(Buffer.isBuffer(body) ? body : String(body || '')).toString('base64'),
      trailers
    }
    const timestamp = new Date().toISOString()
    const known = this.#snapshots.get(hash)
    if (known?.responses) {
      known.responses.push(response)
      known.timestamp = timestamp
    } else {
      if (known === undefined && this.#snapshots.size >= maxSnapshots) {
        const [oldest] = this.#snapshots.keys()
        this.#snapshots.delete(oldest)
      }
      this.#snapshots.set(hash, { request: described, responses: [response], callCount: 0, timestamp })
    }
    if (autoFlush && snapshotPath) {
      this.#flushTimer ??= setTimeout(() => this.#flush(), this.#options.flushInterval)
    }
  }

  /** Whether the URL of a request is one that is neither recorded nor played back. */
  isUrlExcluded ({ origin, path }) {
    const { excludeUrls } = this.#options
    if (excludeUrls.length === 0) {
      return false
    }
    const url = new URL(path, origin).toString()
    return excludeUrls.some((pattern) => typeof pattern === 'string'
      ? url.toLowerCase().includes(pattern.toLowerCase())
      : pattern instanceof RegExp && pattern.test(url))
  }

  /**
   * The snapshot of a request, and as its `response` the next of its responses; the last one is given again and again.
   *
   * @returns {object|undefined} undefined where there is none, or where it is not to be played back
   */
  findSnapshot (request) {
    if (!this.#options.shouldPlayback(request) || this.isUrlExcluded(request)) {
      return undefined
    }
    const snapshot = this.#snapshots.get(this.#hash(request))
    if (snapshot === undefined) {
      return undefined
    }
    const responses = responsesOf(snapshot)
    const count = snapshot.callCount || 0
    snapshot.callCount = count + 1
    return { ...snapshot, response: responses[Math.min(count, responses.length - 1)] }
  }

  /**
   * Puts the snapshots of a file in the place of those that there are; none, where there is no such file.
   *
   * @param {string} [filePath] default: `snapshotPath`
   * @throws {InvalidArgumentError} without a path
   * @throws {UndiciError} where the file cannot be read, with the reason as its `cause`
   */
  async loadSnapshots (filePath) {
    const file = this.#file(filePath)
    try {
      this.replaceSnapshots(JSON.parse(await readFile(file, 'utf8')))
    } catch (error) {
      if (error.code !== 'ENOENT') {
        throw new UndiciError(`Failed to load snapshots from ${filePath || this.#options.snapshotPath}`, { cause: error })
      }
      this.#snapshots.clear()
    }
  }

  /**
   * Writes all snapshots into a file, whose directory is made where there is none.
   *
   * @param {string} [filePath] default: `snapshotPath`
   * @throws {InvalidArgumentError} without a path
   */
  async saveSnapshots (filePath) {
    const file = this.#file(filePath)
    const saved = this.#saved.then(() => this.#write(file))
    this.#saved = saved.catch(() => {})
    await saved
  }

  /** Forgets all snapshots. */
  clear () {
    this.#snapshots.clear()
  }

  /** All snapshots, oldest first. */
  getSnapshots () {
    return [...this.#snapshots.values()]
  }

  /** How many snapshots there are. */
  size () {
    return this.#snapshots.size
  }

  /** Each request gets its first response next. */
  resetCallCounts () {
    for (const snapshot of this.#snapshots.values()) {
      snapshot.callCount = 0
    }
  }

  /** Forgets the snapshot of a request. Returns whether there was one. */
  deleteSnapshot (request) {
    return this.#snapshots.delete(this.#hash(request))
  }

  /** Facts about the snapshot of a request; null where there is none. */
  getSnapshotInfo (request) {
    const hash = this.#hash(request)
    const snapshot = this.#snapshots.get(hash)
    if (snapshot === undefined) {
      return null
    }
    return {
      hash,
      request: snapshot.request,
      responseCount: responsesOf(snapshot).length,
      callCount: snapshot.callCount || 0,
      timestamp: snapshot.timestamp
    }
  }

  /**
   * Puts snapshots in the place of those that there are.
   *
   * @param {{ hash: string, snapshot: object }[]|object} data as a file has them, or snapshots by their hashes
   */
  replaceSnapshots (data) {
    const entries = Array.isArray(data)
      ? data.map(({ hash, snapshot }) => [hash, snapshot])
      : Object.entries(data && typeof data === 'object' ? data : {})
    this.#snapshots = new Map(entries)
  }

  /** Ends what runs by itself. What is recorded and waits to be written is written now. */
  destroy () {
    if (this.#flushTimer !== null) {
      clearTimeout(this.#flushTimer)
      this.#flush()
    }
  }

  /** Writes what there is into the file, where there is one. */
  async close () {
    clearTimeout(this.#flushTimer)
    this.#flushTimer = null
    if (this.#options.snapshotPath && this.#snapshots.size > 0) {
      await this.saveSnapshots()
    }
  }

  // --- inside

  #hash (request) {
    return hashOf(this.#matcher.describe(request))
  }

  #file (given) {
    const file = given || this.#options.snapshotPath
    if (!file) {
      throw new InvalidArgumentError('Snapshot path is required')
    }
    return path.resolve(file)
  }

  async #write (file) {
    await mkdir(path.dirname(file), { recursive: true })
    const data = Array.from(this.#snapshots, ([hash, snapshot]) => ({ hash, snapshot }))
    await writeFile(file, JSON.stringify(data, null, 2), { flush: true })
  }

  // Nobody waits for this one: the error of a file that cannot be written is that of `close` or `saveSnapshots`.
  #flush () {
    this.#flushTimer = null
    this.saveSnapshots().catch(() => {})
  }
}

// Files of undici's first versions have one response for each request.
function responsesOf ({ responses, response }) {
  return responses ?? (response ? [response] : [])
}

module.exports = { SnapshotRecorder }
