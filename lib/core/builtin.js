'use strict'

// Whether a dispatcher is the one that Node.js makes for its own fetch. Node puts it under the symbols of the global
// dispatcher as soon as anything of its fetch is touched (`Headers` is enough), so that it has to be told from one
// that somebody has set. Its class is exported nowhere, but it is known where its code is.

const bundle = 'node:internal/deps/undici/undici'

const known = new WeakMap()

// The files of the frames of what `make` throws.
function filesOf (make) {
  const { prepareStackTrace, stackTraceLimit } = Error
  try {
    Error.stackTraceLimit = 10
    Error.prepareStackTrace = (_error, sites) => sites.map((site) => site.getFileName())
    make()
    return []
  } catch (error) {
    return Array.isArray(error.stack) ? error.stack : []
  } finally {
    Error.prepareStackTrace = prepareStackTrace
    Error.stackTraceLimit = stackTraceLimit
  }
}

/**
 * @param {object} dispatcher
 * @returns {boolean} it is of the class that is built into Node.js
 */
function isBuiltIn (dispatcher) {
  const { constructor: Class } = dispatcher
  // The wrapper is what Node 26 has under the older symbol.
  if (typeof Class !== 'function' || (Class.name !== 'Agent' && Class.name !== 'Dispatcher1Wrapper')) {
    return false
  }
  if (!known.has(Class)) {
    // Both classes refuse this argument, in their own code.
    known.set(Class, filesOf(() => new Class({ factory: null })).includes(bundle))
  }
  return known.get(Class)
}

module.exports = { isBuiltIn }
