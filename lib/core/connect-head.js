'use strict'

// The head of a CONNECT request as octets, for a tunnel that nobody asked for as a request: what a Request with the
// same fields would be written as (request.js), unless it needs more of a Request than that.

const { isFieldValue, isToken, lowerCaseName } = require('./headers')

// Fields with a meaning to those who write a request.
const SPECIAL = new Set(['connection', 'content-length', 'content-type', 'transfer-encoding', 'keep-alive', 'upgrade', 'expect', 'host'])

/**
 * @param {string} path the authority of the origin
 * @param {string} host the host field
 * @param {Record<string, unknown>} fields the others
 * @returns {{ head: string, connectionAt: number }|null} without the empty line at its end, and where the connection
 *   field goes; null where a field is wrong, or is no plain one
 */
function connectHead (path, host, fields) {
  let head = `CONNECT ${path} HTTP/1.1\r\nhost: ${host}\r\n`
  const connectionAt = head.length
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) {
      continue
    }
    const values = Array.isArray(value) ? value : [value]
    if (!isToken(name) || SPECIAL.has(lowerCaseName(name)) || !values.every(isPlain)) {
      return null
    }
    for (const one of values) {
      head += `${name}: ${one}\r\n`
    }
  }
  return { head, connectionAt }
}

function isPlain (value) {
  return typeof value === 'string' ? isFieldValue(value) : typeof value === 'number'
}

module.exports = { connectHead }
