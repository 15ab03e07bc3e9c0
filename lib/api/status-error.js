'use strict'

// `throwOnError`: a response with a status of 400 or more as an error that carries its body.

const { ResponseStatusCodeError } = require('../core/errors')
const { decode } = require('./aside')

// A longer body is left out.
const bodyLimit = 128 * 1024

async function read (body) {
  const chunks = []
  let length = 0
  try {
    for await (const chunk of body) {
      chunks.push(chunk)
      length += chunk.length
      if (length > bodyLimit) {
        return []
      }
    }
  } catch {
    // The status tells more than the end of the connection that came after it.
    return []
  }
  return chunks
}

function parse (chunks, contentType) {
  try {
    if (contentType.startsWith('application/json')) {
      return JSON.parse(decode(Buffer.concat(chunks)))
    }
    if (contentType.startsWith('text/')) {
      return decode(Buffer.concat(chunks))
    }
  } catch {
    // Not the JSON that it says it is: then without a body.
  }
  return undefined
}

// Reads the body and resolves with the error; never rejects.
async function statusError ({ statusCode, statusText, headers, contentType, body }) {
  const chunks = await read(body)
  const payload = statusCode !== 204 && contentType && chunks.length > 0
    ? parse(chunks, `${contentType}`)
    : undefined
  const message = `Response status code ${statusCode}${statusText ? `: ${statusText}` : ''}`

  // The stack would be that of this function, which says nothing.
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return new ResponseStatusCodeError(message, statusCode, headers, payload)
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

module.exports = { statusError }
