'use strict'

// A field section as the engine tells it: its lines as strings of octets, and what becomes of them for those who want
// an object or Buffers. A server repeats itself: of a section that came before, the object is a copy of one that was
// made once.

const { parseHeaders } = require('./headers')

class Fields {
  #lines
  #hasComeBefore = false
  // All of it, once Buffers were made of it.
  #text = null
  // The object that is copied; null before it is made, undefined where a copy would share its arrays.
  #model = null

  /** @param {string[]} lines name and value in turn */
  constructor (lines) {
    this.#lines = lines
  }

  /** The same section has come again. */
  again () {
    this.#hasComeBefore = true
    return this
  }

  /** An object of the reader's own, with lower-cased names. */
  toObject () {
    if (!this.#hasComeBefore || this.#model === undefined) {
      return parseHeaders(this.#lines)
    }
    if (this.#model === null) {
      const model = parseHeaders(this.#lines)
      this.#model = Object.values(model).some(Array.isArray) ? undefined : model
      return this.toObject()
    }
    return { ...this.#model }
  }

  /** The lines as undici's first generation has them: a Buffer for each name and each value, all of them pieces of one. */
  toBuffers () {
    const lines = this.#lines
    this.#text ??= lines.join('')
    const octets = Buffer.from(this.#text, 'latin1')
    const buffers = new Array(lines.length)
    let at = 0
    for (let index = 0; index < lines.length; index++) {
      const end = at + lines[index].length
      buffers[index] = octets.subarray(at, end)
      at = end
    }
    return buffers
  }
}

/** No lines at all. */
const noFields = new Fields([])

module.exports = { Fields, noFields }
