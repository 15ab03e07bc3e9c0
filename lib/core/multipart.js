'use strict'

// A FormData as multipart/form-data (RFC 7578), by the encoding algorithm of the HTML standard: what the
// parts look like, how long they are, and their octets one after the other.

const encoder = new TextEncoder()
const lineEnd = encoder.encode('\r\n')

const normalizeLines = (value) => value.replace(/\r?\n|\r/g, '\r\n')
const escapeName = (name) => name.replace(/\n/g, '%0A').replace(/\r/g, '%0D').replace(/"/g, '%22')

async function * octetsOf (parts) {
  for (const part of parts) {
    if (part instanceof Uint8Array) {
      yield part
    } else if (typeof part.stream === 'function') {
      yield * part.stream()
    } else {
      yield new Uint8Array(await part.arrayBuffer())
    }
  }
}

// Returns the content type with its boundary, the length (null when a file does not know its size), and
// the content: `bytes` when no file is among the entries, else `source` to read it from.
function encodeFormData (form) {
  const boundary = `----formdata-dodici-${require('node:crypto').randomBytes(12).toString('hex')}`
  const parts = []
  let length = 0
  let whole = true

  const add = (octets) => {
    parts.push(octets)
    length += octets.byteLength
  }

  for (const [name, value] of form) {
    const start = `--${boundary}\r\nContent-Disposition: form-data; name="${escapeName(normalizeLines(name))}"`
    if (typeof value === 'string') {
      add(encoder.encode(`${start}\r\n\r\n${normalizeLines(value)}\r\n`))
    } else {
      const file = value.name ? `; filename="${escapeName(value.name)}"` : ''
      add(encoder.encode(`${start}${file}\r\nContent-Type: ${value.type || 'application/octet-stream'}\r\n\r\n`))
      parts.push(value)
      length += typeof value.size === 'number' ? value.size : NaN
      add(lineEnd)
      whole = false
    }
  }
  // The line end after the last boundary is not part of the grammar; legacy servers wait for it.
  add(encoder.encode(`--${boundary}--\r\n`))

  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    length: Number.isNaN(length) ? null : length,
    bytes: whole ? Buffer.concat(parts, length) : null,
    source: whole ? null : octetsOf(parts)
  }
}

module.exports = { encodeFormData }
