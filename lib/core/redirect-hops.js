'use strict'

// The answers on the way to the last one. What they said is kept for those who have to judge the last one by all of
// them; it stays out of the context that users see, and is known by the history that is in there. And who has to have a
// hand in each of them, wherever he stands, says so here.

/**
 * Of the options of a request: an object whose `take(dispatch, options)` gives the two in which its owner has a hand in
 * each hop, and leaves this request to them. Whoever follows redirects takes it.
 */
const eachHop = Symbol('each hop')

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

module.exports = { eachHop, hopsOf, recordHop }
