'use strict'

// What has come of a body before anybody began to read it, or while text() and its like wait for the rest: octets in
// blocks of our own, which are used again unless somebody was given them, and chunks of others as they are.

const blocks = require('./blocks')

// A server may announce anything: what a body is given room for before it has come.
const EXPECTED = 64 * 1024

// The octets of a byte order mark, which is no part of a text (Encoding standard, section 6).
const MARK = [0xef, 0xbb, 0xbf]

function startsWithMark (octets, length) {
  return length > 2 && octets[0] === MARK[0] && octets[1] === MARK[1] && octets[2] === MARK[2]
}

/** The Encoding standard's decoding of the first `length` octets. */
function decode (octets, length = octets.length, encoding = 'utf8') {
  const start = startsWithMark(octets, length) ? MARK.length : 0
  return encoding === 'utf8' ? octets.utf8Slice(start, length) : octets.toString(encoding, start, length)
}

class Aside {
  #length = 0
  // What is full, or somebody's own; null while there is none.
  #chunks = null
  // Blocks among them.
  #full = null
  // What is being filled.
  #block = null
  #filled = 0

  /** How many octets it has. */
  get length () {
    return this.#length
  }

  /** Adds a chunk, which stays its owner's. */
  push (chunk) {
    this.#length += chunk.length
    this.#close()
    this.#add(chunk)
  }

  /**
   * Adds a copy of octets.
   *
   * @param {Buffer} memory where they lie, from `start` to `end`
   * @param {number} expected how many octets the body has, as far as is known
   */
  copy (memory, start, end, expected) {
    const length = end - start
    this.#length += length
    if (this.#block === null && this.#chunks === null && length < blocks.SMALLEST && !(expected >= blocks.SMALLEST)) {
      const chunk = Buffer.allocUnsafe(length)
      memory.copy(chunk, 0, start, end)
      this.#chunks = [chunk]
      return
    }
    let at = start
    while (at < end) {
      this.#makeRoom(end - at, expected)
      const part = Math.min(end - at, this.#block.length - this.#filled)
      memory.copy(this.#block, this.#filled, at, at + part)
      this.#filled += part
      at += part
    }
  }

  /** All of it, for somebody to keep; it goes on to have it as well. */
  share () {
    this.#close()
    this.#full = null
    return this.#chunks === null ? [] : this.#chunks.slice()
  }

  /** All of it as a string. */
  text (encoding) {
    if (this.#chunks === null) {
      return this.#block === null ? '' : decode(this.#block, this.#filled, encoding)
    }
    this.#close()
    const [first] = this.#chunks
    return this.#chunks.length === 1 && Buffer.isBuffer(first)
      ? decode(first, first.length, encoding)
      : decode(Buffer.concat(this.#chunks), this.#length, encoding)
  }

  /** All of it, for a look: what is kept must be copied before `done`. */
  chunks () {
    this.#close()
    return this.#chunks ?? []
  }

  /** Nobody looks at it any more. */
  done () {
    if (this.#block !== null) {
      blocks.giveBack(this.#block)
      this.#block = null
    }
    this.#full?.forEach(blocks.giveBack)
    this.#full = null
    this.#chunks = null
  }

  #makeRoom (length, expected) {
    const block = this.#block
    if (block === null) {
      this.#block = blocks.take(Math.min(blocks.LARGEST, Math.max(length, Math.min(expected, EXPECTED) || 0)))
      this.#filled = 0
    } else if (this.#filled === block.length) {
      if (block.length === blocks.LARGEST) {
        this.#close()
        this.#makeRoom(length, expected)
      } else {
        this.#block = blocks.take(block.length * 2)
        block.copy(this.#block)
        blocks.giveBack(block)
      }
    }
  }

  // What is being filled is full.
  #close () {
    if (this.#block !== null) {
      this.#full ??= []
      this.#full.push(this.#block)
      this.#add(this.#filled === this.#block.length ? this.#block : this.#block.subarray(0, this.#filled))
      this.#block = null
    }
  }

  #add (chunk) {
    this.#chunks ??= []
    this.#chunks.push(chunk)
  }
}

module.exports = { Aside, decode }
