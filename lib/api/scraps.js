'use strict'

// Memory for small bodies, one behind the other on pages, as Buffer's pool has it, but without a Buffer for each: most
// bodies become a string, and need none. To make one and to have Node.js copy into it costs more than all else that
// is done with the octets of such a body. No user sees a page.

const PAGE = 8 * 1024

/** The most that goes on a page: a native copy of more is faster than a loop. */
const LARGEST = 512

const WORD = 4

let page = null
let words = null
// How many octets of the page are in use: a multiple of WORD.
let used = PAGE

/**
 * Copies octets onto a page.
 *
 * @param {Int32Array} source where they lie
 * @param {number} start where they begin, in octets: a multiple of 4
 * @param {number} length in octets, at most LARGEST
 * @returns {number} where they are now on `current()`
 */
function put (source, start, length) {
  const count = (length + WORD - 1) >> 2
  if (used + count * WORD > PAGE) {
    page = Buffer.allocUnsafeSlow(PAGE)
    words = new Int32Array(page.buffer)
    used = 0
  }
  const place = used
  for (let from = start >> 2, to = place >> 2, end = to + count; to < end; from++, to++) {
    words[to] = source[from]
  }
  used += count * WORD
  return place
}

/** The page on which the last octets were put. */
function current () {
  return page
}

module.exports = { LARGEST, WORD, current, put }
