'use strict'

// When the steps of an exchange were done, as its user sees them, of the words in which the engine tells them. They are
// made for whoever asks: until then an exchange keeps its words.

/** The step has not been done. */
const NEVER = -1

// Words with the highest bit are coarse.
const COARSE_STEP = 1024

/**
 * @param {number} queued a word of the engine, and so are the others
 * @param {number[]|null} opening dns, connect and tls, where the exchange has waited for its connection to be opened
 * @param {number} sent
 * @param {number} firstByte
 * @param {number} end
 */
function timingsOf (queued, opening, sent, firstByte, end) {
  return {
    queued: moment(queued),
    dns: opening === null ? null : moment(opening[0]),
    connect: opening === null ? null : moment(opening[1]),
    tls: opening === null ? null : moment(opening[2]),
    requestSent: moment(sent),
    firstByte: moment(firstByte),
    end: moment(end)
  }
}

function moment (word) {
  return word === NEVER ? null : word >= 0 ? word : (word & 0x7fffffff) * COARSE_STEP
}

module.exports = { NEVER, timingsOf }
