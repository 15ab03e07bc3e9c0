'use strict'

// What has come of a body before anybody began to read it, or while text() and its like wait for the rest: few octets as
// a scrap, more in blocks of our own, which are used again unless somebody was given them, and chunks of others as they are.

const blocks = require('../core/blocks')
const scraps = require('./scraps')

// A server may announce anything: what a body is given room for before it has come.
const EXPECTED = 64 * 1024

// The octets of a byte order mark, which is no part of a text (Encoding standard, section 6).
const MARK = [0xef, 0xbb, 0xbf]

function startsWithMark (octets, start, length) {
  return length > 2 && octets[start] === MARK[0] && octets[start + 1] === MARK[1] && octets[start + 2] === MARK[2]
}

/** The Encoding standard's decoding of `length` octets, from `start` on. */
function decode (octets, length = octets.length, encoding = 'utf8', start = 0) {
  const from = startsWithMark(octets, start, length) ? start + MARK.length : start
  const end = start + length
  return encoding === 'utf8' ? octets.utf8Slice(from, end) : octets.toString(encoding, from, end)
}

class Aside {
  #length = 0
  // What is full, or somebody's own; null while there is none.
  #chunks = null
  // Blocks among them.
  #full = null
  // What is being filled.
  #block = null
  // Where all of it is as long as it is a scrap: a page, and the place on that.
  #page = null
  #place = 0
  // How many octets the block has, or the scrap.
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
   * Adds a copy of octets, or, where they are the first of a block, that.
   *
   * @param {object} memory where they lie, from `start` to `end`: see core/octets
   * @param {number} expected how many octets the body has, as far as is known
   */
  copy (memory, start, end, expected) {
    const length = end - start
    const isFirst = this.#length === 0
    this.#length += length
    if (isFirst && length < blocks.SMALLEST && !(expected >= blocks.SMALLEST)) {
      if (length <= scraps.LARGEST && memory.words !== null && start % scraps.WORD === 0) {
        this.#place = scraps.put(memory.words, start, length)
        this.#page = scraps.current()
        this.#filled = length
      } else {
        const chunk = Buffer.allocUnsafe(length)
        memory.octets.copy(chunk, 0, start, end)
        this.#add(chunk)
      }
      return
    }
    if (isFirst && memory.isBlock && start === 0) {
      this.#block = memory.keep(0, memory.octets.length)
      this.#filled = length
      return
    }
    this.#leavePage()
    let at = start
    while (at < end) {
      this.#makeRoom(end - at, expected)
      const part = Math.min(end - at, this.#block.length - this.#filled)
      memory.octets.copy(this.#block, this.#filled, at, at + part)
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
    if (this.#page !== null) {
      return decode(this.#page, this.#filled, encoding, this.#place)
    }
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
    this.#page = null
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
    this.#leavePage()
    if (this.#block !== null) {
      this.#full ??= []
      this.#full.push(this.#block)
      this.#add(this.#filled === this.#block.length ? this.#block : this.#block.subarray(0, this.#filled))
      this.#block = null
    }
  }

  // What is on a page becomes a chunk of its own: the page has others as well, and who gets a chunk may do with its memory what
  // he likes.
  #leavePage () {
    if (this.#page !== null) {
      const chunk = Buffer.allocUnsafe(this.#filled)
      this.#page.copy(chunk, 0, this.#place, this.#place + this.#filled)
      this.#add(chunk)
      this.#page = null
    }
  }

  #add (chunk) {
    this.#chunks ??= []
    this.#chunks.push(chunk)
  }
}

module.exports = { Aside, decode }
