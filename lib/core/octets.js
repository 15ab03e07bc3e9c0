'use strict'

// Octets of a body as they are handed around: where they lie (`octets`, a Buffer; `words`, the same as an Int32Array, where there
// is one), and how to get a Buffer of one's own of them (`keep`), which is a copy or not. Whoever has not kept them has them for
// as long as the call lasts that tells of them.

/**
 * Under this symbol a handler's `onResponseData` may have a function that takes `(controller, memory, start, end)`: the
 * handler copies or keeps what it wants of the octets. It belongs to that one method: whoever puts another in its
 * place is told chunks.
 */
const takesOctets = Symbol('takes octets')

/** Octets in memory that is used again. */
class LentOctets {
  /** @param {Buffer} octets that begin where a word may */
  constructor (octets) {
    this.octets = octets
    this.words = new Int32Array(octets.buffer, octets.byteOffset, octets.length >> 2)
    this.isBlock = false
  }

  keep (start, end) {
    const copy = Buffer.allocUnsafe(end - start)
    this.octets.copy(copy, 0, start, end)
    return copy
  }
}

/** Octets in memory that is theirs. */
class GivenOctets {
  /** Somebody has kept some. */
  isKept = false

  /**
   * @param {Buffer} octets
   * @param {boolean} [isBlock] they are a block (core/blocks) that nobody else knows: whoever keeps all of it may give it back
   */
  constructor (octets, isBlock = false) {
    this.octets = octets
    this.words = null
    this.isBlock = isBlock
  }

  keep (start, end) {
    this.isKept = true
    return start === 0 && end === this.octets.length ? this.octets : this.octets.subarray(start, end)
  }
}

module.exports = { GivenOctets, LentOctets, takesOctets }
