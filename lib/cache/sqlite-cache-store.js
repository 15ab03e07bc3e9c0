'use strict'

// A store that keeps responses in a database of SQLite, which several processes may share. A Node without `node:sqlite`
// says so when a store is made. A database that another process holds is no failure: what would be kept is not.

const zlib = require('node:zlib')
const { NotSupportedError } = require('../core/errors')
const { assertKey, assertObject, assertValue, collector, counts, matches } = require('./entry')

const MAX_ENTRY_SIZE = 2_000_000_000
const DEFAULTS = { maxCount: Infinity, maxEntrySize: MAX_ENTRY_SIZE, compressThreshold: 1024 * 1024 }

// A number of its own for each form of the table and of what is in it: a store reads what it wrote itself alone.
const TABLE = 'dodici_responses_1'
const COLUMNS = [
  'body', 'compression', 'statusCode', 'statusMessage', 'headers', 'vary', 'etag', 'cacheControlDirectives', 'cachedAt',
  'staleAt', 'deleteAt'
]
// Members that are objects, kept as JSON.
const OBJECTS = ['headers', 'vary', 'cacheControlDirectives']

// https://www.sqlite.org/rescode.html: SQLITE_BUSY and SQLITE_LOCKED.
const HELD = new Set([5, 6])

// Text gets small enough to be worth the time whatever its length.
const text = /^(?:text\/|application\/(?:json|xml|javascript|x-www-form-urlencoded|graphql)(?:\s|;|$))|\+(?:json|xml)(?:\s|;|$)/

function database (location) {
  let sqlite
  try {
    sqlite = require('node:sqlite')
  } catch (cause) {
    throw new NotSupportedError('this version of Node.js has no node:sqlite', { cause })
  }
  return new sqlite.DatabaseSync(location)
}

const urlOf = ({ origin, path }) => `${origin}/${path}`
const bufferOf = (octets) => Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)

class SqliteCacheStore {
  #options
  #database
  #statements

  /**
   * @param {object} [options] `location` (a file, default in memory), `maxCount` (responses, default any number),
   *   `maxEntrySize` (octets of one, default and at most 2 GB), `compressThreshold` (octets from which a content is
   *   compressed with zstd, where Node has that; text is in any case; default 1 MiB)
   * @throws {TypeError} where one of them is not of its kind
   * @throws {NotSupportedError} where Node has no `node:sqlite`
   */
  constructor (options) {
    this.#options = counts('SqliteCacheStore', options, DEFAULTS)
    if (this.#options.maxEntrySize > MAX_ENTRY_SIZE) {
      throw new TypeError('SqliteCacheStore options.maxEntrySize must be less than 2gb')
    }
    const db = this.#database = database(options?.location ?? ':memory:')
    db.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS ${TABLE} (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        url TEXT NOT NULL,
        method TEXT NOT NULL,
        body BLOB,
        compression TEXT,
        statusCode INTEGER NOT NULL,
        statusMessage TEXT NOT NULL,
        headers TEXT,
        vary TEXT,
        etag TEXT,
        cacheControlDirectives TEXT,
        cachedAt INTEGER NOT NULL,
        staleAt INTEGER NOT NULL,
        deleteAt INTEGER NOT NULL
      );
      CREATE INDEX IF NOT EXISTS ${TABLE}_by_url ON ${TABLE} (url, method);
      CREATE INDEX IF NOT EXISTS ${TABLE}_by_age ON ${TABLE} (deleteAt);
    `)
    this.#statements = {
      candidates: db.prepare(`SELECT id, vary, deleteAt FROM ${TABLE} WHERE url = ? AND method = ? ORDER BY id DESC`),
      read: db.prepare(`SELECT ${COLUMNS.join(', ')} FROM ${TABLE} WHERE id = ?`),
      remove: db.prepare(`DELETE FROM ${TABLE} WHERE id = ?`),
      insert: db.prepare(`INSERT INTO ${TABLE} (url, method, ${COLUMNS.join(', ')}) VALUES (?, ?${', ?'.repeat(COLUMNS.length)})`),
      removeUrl: db.prepare(`DELETE FROM ${TABLE} WHERE url = ?`),
      count: db.prepare(`SELECT COUNT(*) AS total FROM ${TABLE}`),
      removeExpired: db.prepare(`DELETE FROM ${TABLE} WHERE deleteAt <= ?`),
      removeOldest: db.prepare(`DELETE FROM ${TABLE} WHERE id IN (SELECT id FROM ${TABLE} ORDER BY cachedAt, id LIMIT ?)`)
    }
  }

  /** How many responses are kept. */
  get size () {
    return this.#statements.count.get().total
  }

  /** Closes the database. */
  close () {
    this.#database.close()
  }

  /**
   * @param {object} key `origin`, `method`, `path`, `headers`
   * @returns {object|undefined} the response, with its content as a Buffer
   */
  get (key) {
    assertKey(key)
    return unlessHeld(() => {
      const now = Date.now()
      const found = this.#find(key, (deleteAt) => deleteAt > now)
      return found === undefined ? undefined : valueOf(this.#statements.read.get(found.id))
    })
  }

  /**
   * Keeps a response.
   *
   * @param {object} key as for `get`
   * @param {object} value with `body`: a Buffer, an array of them, or null
   */
  set (key, value) {
    assertKey(key)
    assertValue(value)
    const body = Array.isArray(value.body) ? Buffer.concat(value.body) : value.body ?? null
    if (body !== null && body.length > this.#options.maxEntrySize) {
      return
    }
    unlessHeld(() => {
      const row = this.#rowOf(value, body)
      const known = this.#find(key, () => true)
      if (known !== undefined) {
        this.#statements.remove.run(known.id)
      }
      this.#statements.insert.run(urlOf(key), key.method, ...COLUMNS.map((name) => row[name]))
      this.#prune()
    })
  }

  /** A Writable for the content of a response; it is kept once that has ended, unless it is too large. */
  createWriteStream (key, value) {
    assertKey(key)
    assertValue(value)
    return collector(this.#options.maxEntrySize, (body) => this.set(key, { ...value, body }))
  }

  /** Forgets the responses to a URL, whatever the method. */
  delete (key) {
    assertObject(key)
    unlessHeld(() => this.#statements.removeUrl.run(urlOf(key)))
  }

  #find (key, isAlive) {
    return this.#statements.candidates.all(urlOf(key), key.method)
      .find(({ vary, deleteAt }) => isAlive(deleteAt) && matches(key.headers, vary === null ? null : JSON.parse(vary)))
  }

  #rowOf (value, body) {
    const row = { body, compression: null }
    for (const name of COLUMNS.slice(2)) {
      const member = value[name] ?? null
      row[name] = OBJECTS.includes(name) && member !== null ? JSON.stringify(member) : member
    }
    if (body !== null && this.#isCompressed(value.headers, body)) {
      const compressed = zlib.zstdCompressSync(body)
      if (compressed.length < body.length) {
        row.body = compressed
        row.compression = 'zstd'
      }
    }
    return row
  }

  #isCompressed (headers, body) {
    const type = String(headers?.['content-type'] ?? '').toLowerCase()
    return typeof zlib.zstdCompressSync === 'function' && (body.length > this.#options.compressThreshold || text.test(type))
  }

  // Those that are of no use go first, then a tenth of what may be kept.
  #prune () {
    const { maxCount } = this.#options
    if (this.size > maxCount) {
      this.#statements.removeExpired.run(Date.now())
    }
    const excess = this.size - maxCount
    if (excess > 0) {
      this.#statements.removeOldest.run(Math.max(excess, Math.floor(maxCount * 0.1)))
    }
  }
}

function valueOf (row) {
  const value = {}
  for (const name of COLUMNS.slice(2)) {
    value[name] = row[name] === null ? undefined : OBJECTS.includes(name) ? JSON.parse(row[name]) : row[name]
  }
  const octets = row.body === null ? undefined : bufferOf(row.body)
  return { ...value, body: row.compression === 'zstd' ? zlib.zstdDecompressSync(octets) : octets }
}

function unlessHeld (work) {
  try {
    return work()
  } catch (error) {
    if (!HELD.has(error?.errcode)) {
      throw error
    }
    return undefined
  }
}

module.exports = { SqliteCacheStore }
