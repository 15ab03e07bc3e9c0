'use strict'

// What a mocked response is made of: octets of whatever was given as its data, field lines of its headers.

/**
 * The octets of data, as a Buffer of their own: of a string, of octets in any form, or the JSON of an object; none of
 * what is empty.
 */
function octetsOf (data) {
  if (ArrayBuffer.isView(data)) {
    return Buffer.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  }
  if (data instanceof ArrayBuffer) {
    return Buffer.from(new Uint8Array(data))
  }
  if (typeof data === 'object') {
    return Buffer.from(JSON.stringify(data))
  }
  return Buffer.from(data ? data.toString() : '')
}

/** A field line for each value, name and value in turn, as Buffers. */
function fieldLines (fields = {}) {
  const lines = []
  for (const [name, values] of Object.entries(fields)) {
    for (const value of Array.isArray(values) ? values : [values]) {
      lines.push(Buffer.from(name), Buffer.from(`${value}`))
    }
  }
  return lines
}

module.exports = { octetsOf, fieldLines }
