'use strict'

// Octets in memory that belongs to somebody else, such as the ring's: they are there for as long as the call lasts that
// tells of them. Whoever keeps them copies them.

/**
 * Under this symbol a handler's `onResponseData` may have a function that takes `(controller, memory, start, end)`: the
 * handler copies by itself what it wants of the octets. It belongs to that one method: whoever puts another in its
 * place is told chunks.
 */
const takesOctets = Symbol('takes octets')

/** @returns {Buffer} the octets, in memory of the caller's */
function copyOf (memory, start, end) {
  const copy = Buffer.allocUnsafe(end - start)
  memory.copy(copy, 0, start, end)
  return copy
}

module.exports = { copyOf, takesOctets }
