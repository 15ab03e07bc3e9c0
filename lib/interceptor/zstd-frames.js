'use strict'

// Whether a zstd content ends where a frame does (RFC 8878 section 3.1). node:zlib of Node 22 takes a content that was cut
// off for a whole one; this stands before it, lets all through, and fails at such an end.
//
//   MAGIC ─► DESCRIPTOR ─► HEADER ─► BLOCK ◄──► CONTENT ─last─► CHECKSUM ─► MAGIC
//     └─skippable─► LENGTH ─► SKIPPED ─► MAGIC

const { Transform } = require('node:stream')

const FRAME = 0xfd2fb528
const SKIPPABLE = Array.from({ length: 16 }, (_, index) => 0x184d2a50 + index)
const isSkippable = (magic) => SKIPPABLE.includes(magic)

// Whether a frame may begin with so many octets, which are the number `value`. What may not is not the content's.
const begins = (value, count) => [FRAME, ...SKIPPABLE].some((magic) => magic % 2 ** (8 * count) === value)

class ZstdFrames extends Transform {
  #part = 'magic'
  // How many octets the part has, how many of them came, and the number that they are.
  #length = 4
  #count = 0
  #value = 0
  #hasChecksum = false
  #isLast = false
  #hasFrame = false

  _transform (chunk, encoding, callback) {
    let at = 0
    while (at < chunk.length && this.#part !== 'other') {
      if (this.#part === 'content' || this.#part === 'skipped') {
        const taken = Math.min(this.#length - this.#count, chunk.length - at)
        this.#count += taken
        at += taken
      } else {
        this.#value += chunk[at++] * 2 ** (8 * this.#count++)
      }
      while (this.#count === this.#length && this.#part !== 'other') {
        this.#end(this.#value)
      }
    }
    callback(null, chunk)
  }

  _flush (callback) {
    const isBetween = this.#part === 'magic' && this.#hasFrame && (this.#count === 0 || !begins(this.#value, this.#count))
    const isWhole = this.#part === 'other' || isBetween
    callback(isWhole ? null : Object.assign(new Error('unexpected end of file'), { errno: -5, code: 'Z_BUF_ERROR' }))
  }

  // A part is over: what it says is how long the next one is.
  #end (value) {
    switch (this.#part) {
      case 'magic':
        this.#hasFrame ||= value === FRAME
        if (value === FRAME) {
          this.#begin('descriptor', 1)
        } else if (isSkippable(value)) {
          this.#begin('length', 4)
        } else {
          // The decoder says what is wrong.
          this.#begin('other', 0)
        }
        break
      case 'length':
        this.#begin('skipped', value)
        break
      case 'descriptor': {
        const isSingle = (value >> 5) & 1
        this.#hasChecksum = ((value >> 2) & 1) === 1
        this.#begin('header', (isSingle ? 0 : 1) + [0, 1, 2, 4][value & 3] + [isSingle, 2, 4, 8][value >> 6])
        break
      }
      case 'header':
        this.#begin('block', 3)
        break
      case 'block':
        this.#isLast = (value & 1) === 1
        // A run is one octet, however long it is.
        this.#begin('content', ((value >> 1) & 3) === 1 ? 1 : value >> 3)
        break
      case 'content':
        if (!this.#isLast) {
          this.#begin('block', 3)
        } else if (this.#hasChecksum) {
          this.#begin('checksum', 4)
        } else {
          this.#begin('magic', 4)
        }
        break
      default:
        this.#begin('magic', 4)
    }
  }

  #begin (part, length) {
    this.#part = part
    this.#length = length
    this.#count = 0
    this.#value = 0
  }
}

module.exports = { ZstdFrames }
