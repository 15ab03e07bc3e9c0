'use strict'

// fetch: Node's own, over our dispatcher. What it does is not repeated here.

const { NotSupportedError } = require('../core/errors')
const { withGlobalDispatcher } = require('./stand-in')
const { understood } = require('./understood-dispatcher')

// Taken now, because `install` puts ours in its place.
const { fetch: ownFetch = missing } = globalThis

async function missing () {
  throw new NotSupportedError('fetch is not available: this Node.js was started without it')
}

// Node's error comes from the inside of its fetch; who called is what its reader looks for.
function appendCaller (error) {
  if (error === null || typeof error !== 'object') {
    return
  }
  const stack = typeof error.stack === 'string' ? error.stack : ''
  const caller = {}
  Error.captureStackTrace(caller, appendCaller)
  const frames = typeof caller.stack === 'string' ? caller.stack.split('\n').slice(1) : []
  const isKnown = (frame) => stack.includes(frame.trim()) || frame.includes(__filename) || frame.includes('(node:')
  // What is not added twice is the reason that one signal gives to many calls.
  if (!stack.includes(__filename) && !frames.every(isKnown)) {
    // A reason of the user's own may be frozen.
    Reflect.set(error, 'stack', [stack, ...frames].join('\n'))
  }
}

// Over a dispatcher of the options that understands what Node's fetch hands on, whoever wrote it.
function ownFetchOver (input, init) {
  try {
    const { dispatcher } = init
    if (typeof dispatcher?.dispatch === 'function' && understood(dispatcher) !== dispatcher) {
      return ownFetch(input, Object.create(init, { dispatcher: { value: understood(dispatcher), enumerable: true } }))
    }
  } catch (error) {
    return Promise.reject(error)
  }
  return ownFetch(input, init)
}

/**
 * @param {string|URL|Request} input
 * @param {object} [init] as Node's; `dispatcher` says who sends the request, by default `getGlobalDispatcher()`
 * @returns {Promise<Response>}
 */
function fetch (input, init = undefined) {
  return withGlobalDispatcher(() => init == null ? ownFetch(...arguments) : ownFetchOver(...arguments)).catch((error) => {
    appendCaller(error)
    throw error
  })
}

module.exports = { fetch }
