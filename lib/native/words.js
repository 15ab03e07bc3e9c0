'use strict'

// Numbers as the words of a record.

const EMPTY = Buffer.alloc(0)

/** A duration as a word: rounded up so that nothing fires early, at most some 49 days. */
function milliseconds (duration) {
  // What is a small integer stays one.
  if ((duration | 0) === duration && duration >= 0) {
    return duration
  }
  return Math.min(Math.ceil(duration), 0xffffffff)
}

function setLong (words, at, value) {
  if ((value | 0) === value && value >= 0) {
    words[at] = value
    words[at + 1] = 0
    return
  }
  words[at] = value % 0x100000000
  words[at + 1] = Math.min(value / 0x100000000, 0xffffffff)
}

function octetsOf (words) {
  return words.length === 0 ? EMPTY : new Uint8Array(words.buffer, words.byteOffset, words.byteLength)
}

module.exports = { milliseconds, octetsOf, setLong }
