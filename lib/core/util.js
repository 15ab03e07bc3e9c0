'use strict'

// The functions that undici has under this path and that programs use from there. They live in the modules that their
// nouns name; nothing of its own is here.

const { headerNameToString, parseHeaders, parseRawHeaders, toRawHeaders } = require('./headers')
const streams = require('./streams')

module.exports = {
  // The two that the package exports as `util`.
  exported: { parseHeaders, headerNameToString },
  parseHeaders,
  headerNameToString,
  parseRawHeaders,
  toRawHeaders,
  ...streams
}
