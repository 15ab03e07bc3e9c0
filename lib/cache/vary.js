'use strict'

// The Vary field: which fields of a request its response depends on (RFC 9110 section 12.5.5).

const { define, isToken } = require('../core/headers')

const trim = (text) => text.replace(/^[\t ]+|[\t ]+$/g, '')

const membersOf = (vary) => [vary].flat().flatMap((line) => line.split(',')).map(trim)

/** Whether the response is for nobody else, which a member with an asterisk says. */
function hasAsterisk (vary) {
  return membersOf(vary).some((member) => member.includes('*'))
}

/**
 * @param {string|string[]} vary of the response
 * @param {object} headers of the request, names in lower case
 * @returns {object|undefined} the fields of the request that count, null for those it did not have; all where there is an
 *   asterisk; undefined where a name is none
 */
function varyingFields (vary, headers) {
  const members = membersOf(vary)
  if (members.some((member) => member.includes('*'))) {
    return headers
  }
  const fields = {}
  for (const member of members) {
    if (member === '') {
      continue
    }
    if (!isToken(member)) {
      return undefined
    }
    const name = member.toLowerCase()
    const value = Object.hasOwn(headers, name) ? headers[name] : null
    define(fields, name, Array.isArray(value) ? [...value] : value ?? null)
  }
  return fields
}

/** Whether no other request can be known to be answered by the response. */
function isUnmatchable (vary) {
  return hasAsterisk(vary) || varyingFields(vary, {}) === undefined
}

module.exports = { hasAsterisk, isUnmatchable, varyingFields }
