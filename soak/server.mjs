// A server on raw TCP that misbehaves as each request asks for (answers.mjs), in a process of its own. It counts what
// a client must not do: send a POST twice, send what is no request, leave connections open.
//
// It tells its parent its port, and answers the message 'report' with its counts.

import net from 'node:net'
import { answers, uploads, byName, content } from './answers.mjs'

const REQUEST_LINE = /^([A-Z]+) \/([a-z-]+)\/(\d+)\/(\d+)(?:\/(\d+))? HTTP\/1\.1$/

const open = new Set()
const played = new Map([...answers, ...uploads].map(({ name }) => [name, 0]))
const posts = new Set()
const counts = { connections: 0, requests: 0, duplicatedPosts: [], malformed: [], wrongUploads: [] }

class Peer {
  #socket
  #input = Buffer.alloc(0)
  #request = null
  #answering = false
  #over = false

  constructor (socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (octets) => {
      this.#input = this.#input.length === 0 ? octets : Buffer.concat([this.#input, octets])
      this.#go()
    })
    socket.on('error', () => {})
    socket.on('close', () => { this.#over = true })
  }

  // --- for the answers

  send (parts) {
    this.#write(parts, () => this.#next())
  }

  sendAndEnd (parts) {
    this.#write(parts)
    this.end()
  }

  /** What was asked behind it is not answered either. */
  sendAndStall (parts) {
    this.#write(parts)
  }

  sendAndReset (parts) {
    this.#write(parts, () => setImmediate(() => this.reset()))
  }

  sendInPieces (parts) {
    const octets = join(parts)
    const step = 1 + (octets.length * 7) % 997
    for (let at = 0; at < octets.length; at += step) {
      this.#socket.write(octets.subarray(at, at + step))
    }
    this.#socket.write('', () => this.#next())
  }

  drip (parts) {
    const octets = join(parts)
    const step = Math.ceil(octets.length / 5)
    const drop = (at) => {
      if (this.#over) return
      this.#socket.write(octets.subarray(at, at + step))
      if (at + step < octets.length) setTimeout(drop, 2, at + step)
      else this.#next()
    }
    drop(0)
  }

  end () {
    this.#over = true
    this.#socket.end()
  }

  reset () {
    this.#over = true
    this.#socket.resetAndDestroy()
  }

  // --- inside

  #write (parts, done) {
    this.#socket.write(join(parts), done)
  }

  #next () {
    this.#answering = false
    this.#request = null
    this.#go()
  }

  #go () {
    while (!this.#answering && !this.#over) {
      if (this.#request === null && !this.#head()) return
      const request = this.#request
      const row = byName.get(request.row)
      if (uploads.includes(row) || this.#body(request)) {
        this.#answering = true
        played.set(row.name, played.get(row.name) + 1)
        row.play(this, request)
      } else {
        return
      }
    }
  }

  // Takes the head of a request. False: it is not there yet, or is none.
  #head () {
    const end = this.#input.indexOf('\r\n\r\n')
    if (end === -1) return false
    const [line, ...fields] = this.#input.latin1Slice(0, end).split('\r\n')
    this.#input = this.#input.subarray(end + 4)
    const match = REQUEST_LINE.exec(line)
    if (match === null || !byName.has(match[2])) {
      counts.malformed.push(line.slice(0, 200))
      this.reset()
      return false
    }
    const [, method, row, id, length, expected] = match
    let left = 0
    for (const field of fields) {
      if (/^content-length: /i.test(field)) left = Number(field.slice(16))
      if (/^transfer-encoding: chunked$/i.test(field)) left = -1
    }
    counts.requests++
    if (method === 'POST' || method === 'PUT') {
      if (posts.has(id)) counts.duplicatedPosts.push(`${method} ${id} ${row}`)
      posts.add(id)
    }
    this.#request = { method, row, id, length: Number(length), expected: Number(expected ?? 0), left, pieces: [], upload: 'none' }
    return true
  }

  // Takes the body of a request. False: it is not all there yet.
  #body (request) {
    if (request.left === -1) {
      while (true) {
        const end = this.#input.indexOf('\r\n')
        if (end === -1) return false
        const size = this.#input.latin1Slice(0, end)
        const length = parseInt(size, 16)
        if (!/^[0-9a-f]+$/i.test(size)) {
          counts.malformed.push(`chunk size ${size.slice(0, 50)} of ${request.id}`)
          this.reset()
          return false
        }
        const next = end + 2 + length + 2
        if (this.#input.length < next) return false
        if (this.#input.latin1Slice(next - 2, next) !== '\r\n') {
          counts.malformed.push(`chunk end of ${request.id}`)
          this.reset()
          return false
        }
        request.pieces.push(this.#input.subarray(end + 2, next - 2))
        this.#input = this.#input.subarray(next)
        if (length === 0) break
      }
    } else {
      if (this.#input.length < request.left) return false
      request.pieces.push(this.#input.subarray(0, request.left))
      this.#input = this.#input.subarray(request.left)
    }
    const octets = Buffer.concat(request.pieces)
    request.upload = octets.equals(content(request.id, request.expected)) ? 'whole' : 'wrong'
    if (request.upload === 'wrong') {
      counts.wrongUploads.push(`${request.method} ${request.id}: ${octets.length} of ${request.expected} octets`)
    }
    return true
  }
}

function join (parts) {
  return Buffer.concat([parts].flat(2).map((part) => Buffer.from(part, 'latin1')))
}

const server = net.createServer((socket) => {
  counts.connections++
  open.add(socket)
  socket.on('close', () => open.delete(socket))
  // eslint-disable-next-line no-new -- it lives on the events of its socket
  new Peer(socket)
})
server.listen(0, '127.0.0.1', 4096, () => process.send({ port: server.address().port }))

process.on('message', () => {
  let faults = 0
  for (const [name, times] of played) {
    if (byName.get(name).isFault) faults += times
  }
  process.send({ ...counts, faults, open: open.size })
})
process.on('disconnect', () => process.exit())
