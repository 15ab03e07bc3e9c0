'use strict'

// The options that pools and agents have beside those of a client, as tables: name, check of a value that was
// given, what is said where it fails. What a client is to make of the others it says itself.

const { InvalidArgumentError } = require('../core/errors')

const isConnections = (value) => value == null || (Number.isFinite(value) && value >= 0)
const isFactory = (value) => value === undefined || typeof value === 'function'
const isConnect = (value) => value == null || typeof value === 'function' || typeof value === 'object'
const isMaxConnections = (value) => value == null || (Number.isInteger(value) && value > 0)
const isCount = (value) => value == null || (Number.isInteger(value) && value >= 0)
const isMaxOrigins = (value) => value === undefined || (typeof value === 'number' && value > 0)

const FACTORY = ['factory', isFactory, 'factory must be a function.']
const CONNECT = ['connect', isConnect, 'connect must be a function or an object']

const SESSIONS = 'maxCachedSessions must be a positive integer or zero'

const POOL = [
  ['connections', isConnections, 'invalid connections'],
  FACTORY,
  CONNECT,
  ['maxCachedSessions', isCount, SESSIONS],
  ['connect', (connect) => isCount(connect?.maxCachedSessions), SESSIONS]
]
const BALANCED_POOL = [FACTORY]
const AGENT = [
  FACTORY,
  CONNECT,
  ['maxOrigins', isMaxOrigins, 'maxOrigins must be a number greater than 0'],
  ['maxConnections', isMaxConnections, 'maxConnections must be a positive integer'],
  ['maxIdleConnections', isCount, 'maxIdleConnections must be a positive integer or zero']
]

/**
 * Checks what was given against a table.
 *
 * @throws {InvalidArgumentError}
 */
function check (table, given) {
  for (const [name, isValid, message] of table) {
    if (!isValid(given[name])) {
      throw new InvalidArgumentError(message)
    }
  }
}

/** Options for members: a copy, so that what the caller changes later changes no member. */
function forMembers ({ factory, connect, tls, ...options }) {
  return {
    ...options,
    ...(connect === undefined ? {} : { connect: copied(connect) }),
    ...(tls === undefined ? {} : { tls: copied(tls) })
  }
}

function copied (value) {
  return value !== null && typeof value === 'object' ? { ...value } : value
}

module.exports = { POOL, BALANCED_POOL, AGENT, check, forMembers }
