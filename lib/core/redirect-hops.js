'use strict'

// What the answers said on the way to the last one, for those who have to judge the last one by all of them. It stays
// out of the context that users see: it is known by the history that is in there.

const hops = new WeakMap()

/** Keeps the head of an answer that led on, and when that came. */
function recordHop (history, statusCode, headers) {
  const known = hops.get(history)
  const hop = { statusCode, headers: { ...headers }, receivedAt: Date.now() }
  if (known === undefined) {
    hops.set(history, [hop])
  } else {
    known.push(hop)
  }
}

/** @returns {object[]} `statusCode`, `headers`, `receivedAt` of each */
function hopsOf (history) {
  return hops.get(history) ?? []
}

module.exports = { hopsOf, recordHop }
