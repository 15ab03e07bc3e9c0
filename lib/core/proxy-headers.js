'use strict'

// The header fields of a request that goes by way of a proxy, in whatever form they were given, as an object: the
// proxy's credentials are the agent's to send, and must not reach an origin.

const { InvalidArgumentError } = require('./errors')

const CREDENTIALS = 'proxy-authorization'

/**
 * @param {object|string[]|Iterable<[string, string|string[]]>|null|undefined} headers
 * @returns {Record<string, string|string[]>} a new object
 * @throws {InvalidArgumentError} where `proxy-authorization` is among them
 */
function headersForProxy (headers) {
  const result = {}
  for (const [name, value] of entriesOf(headers)) {
    if (name.length === CREDENTIALS.length && name.toLowerCase() === CREDENTIALS) {
      throw new InvalidArgumentError('Proxy-Authorization should be sent in ProxyAgent constructor')
    }
    result[name] = Object.hasOwn(result, name) ? [result[name], value].flat() : value
  }
  return result
}

function * entriesOf (headers) {
  if (headers == null) {
    return
  }
  if (Array.isArray(headers) && !Array.isArray(headers[0])) {
    for (let index = 0; index < headers.length; index += 2) {
      yield [String(headers[index]), headers[index + 1]]
    }
  } else if (typeof headers[Symbol.iterator] === 'function') {
    yield * headers
  } else {
    yield * Object.entries(headers)
  }
}

module.exports = { headersForProxy }
