'use strict'

// MIME types as the MIME Sniffing standard (https://mimesniff.spec.whatwg.org/#mime-types) reads and writes them.

const assert = require('node:assert')
const { isToken } = require('../core/headers')

const quotable = /^[\t\x20-\x7e\x80-\xff]*$/
const leading = /^[\t\n\r ]+/
const trailing = /[\t\n\r ]+$/

const lowerCase = (text) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

// A quoted string that begins at `start`: its value, and where it ends.
function quotedString (input, start) {
  let value = ''
  let at = start + 1
  while (at < input.length && input[at] !== '"') {
    if (input[at] === '\\' && at + 1 < input.length) {
      at++
    }
    value += input[at++]
  }
  return { value, end: at + 1 }
}

// The next parameter from `start`, which is behind a semicolon: its name, its value (null: none), and where it ends.
function parameter (input, start) {
  const [all, name] = /^[\t\n\r ]*([^;=]*)/.exec(input.slice(start))
  const at = start + all.length
  if (input[at] !== '=') {
    return { name, value: null, end: at }
  }
  if (input[at + 1] === '"') {
    const { value, end } = quotedString(input, at + 1)
    const next = input.indexOf(';', end)
    return { name, value, end: next === -1 ? input.length : next }
  }
  const next = input.indexOf(';', at + 1)
  const end = next === -1 ? input.length : next
  return { name, value: input.slice(at + 1, end).replace(trailing, '') || null, end }
}

/**
 * @param {string} input the value of a `content-type` field
 * @returns {{ type: string, subtype: string, parameters: Map<string, string>, essence: string } | 'failure'}
 */
function parseMIMEType (input) {
  input = input.replace(leading, '').replace(trailing, '')
  const [essence] = /^[^;]*/.exec(input)
  const slash = essence.indexOf('/')
  const type = lowerCase(essence.slice(0, Math.max(slash, 0)))
  const subtype = lowerCase(essence.slice(slash + 1).replace(trailing, ''))
  if (!isToken(type) || !isToken(subtype)) {
    return 'failure'
  }
  const parameters = new Map()
  for (let at = essence.length; at < input.length;) {
    const { name, value, end } = parameter(input, at + 1)
    const key = lowerCase(name)
    // The first of a name counts.
    if (value !== null && isToken(key) && quotable.test(value) && !parameters.has(key)) {
      parameters.set(key, value)
    }
    at = end
  }
  return { type, subtype, parameters, essence: `${type}/${subtype}` }
}

/**
 * @param {{ essence: string, parameters: Map<string, string> }} mimeType what `parseMIMEType` returned
 * @returns {string}
 */
function serializeAMimeType (mimeType) {
  assert(mimeType !== 'failure')
  const { essence, parameters } = mimeType
  return Array.from(parameters).reduce((text, [name, value]) => {
    return `${text};${name}=${isToken(value) ? value : `"${value.replace(/[\\"]/g, '\\$&')}"`}`
  }, essence)
}

module.exports = { parseMIMEType, serializeAMimeType }
