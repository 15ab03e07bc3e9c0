'use strict'

// A server of WebSockets (RFC 6455), just enough of one: it reads whole frames and writes what a test asks for.

const { createHash } = require('node:crypto')
const { once } = require('node:events')
const http = require('node:http')

const OPCODES = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 }
const NAMES = Object.fromEntries(Object.entries(OPCODES).map(([name, code]) => [code, name]))

// RFC 6455 section 5.2, without a mask: frames of a server have none.
function frame (name, payload) {
  const octets = Buffer.from(payload)
  const length = octets.length < 126
    ? Buffer.from([octets.length])
    : Buffer.from([127, 0, 0, 0, 0, octets.length >>> 24, octets.length >>> 16, octets.length >>> 8, octets.length])
  return Buffer.concat([Buffer.from([0x80 | OPCODES[name]]), length, octets])
}

// The first frame of the octets, and how long it is; null: not all of it is there.
function parse (octets) {
  if (octets.length < 2) {
    return null
  }
  let length = octets[1] & 0x7f
  let at = 2
  if (length === 126) {
    if (octets.length < 4) {
      return null
    }
    length = octets.readUInt16BE(2)
    at = 4
  } else if (length === 127) {
    if (octets.length < 10) {
      return null
    }
    length = Number(octets.readBigUInt64BE(2))
    at = 10
  }
  const end = at + 4 + length
  if (octets.length < end) {
    return null
  }
  const mask = octets.subarray(at, at + 4)
  const payload = Buffer.from(octets.subarray(at + 4, end)).map((octet, index) => octet ^ mask[index % 4])
  return { name: NAMES[octets[0] & 0x0f], payload: Buffer.from(payload), end }
}

// One connection: `frames` gets [name, payload] of each frame, `write` sends one.
class Peer {
  frames = []
  socket
  request
  #onFrame

  constructor (request, socket, onFrame) {
    this.request = request
    this.socket = socket
    this.#onFrame = onFrame
    let octets = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      octets = Buffer.concat([octets, chunk])
      for (let one = parse(octets); one !== null; one = parse(octets)) {
        octets = octets.subarray(one.end)
        this.frames.push([one.name, one.payload])
        this.#onFrame(this, one.name, one.payload)
      }
    })
    socket.on('error', () => {})
  }

  write (name, payload = '') {
    this.socket.write(frame(name, payload))
  }
}

const echo = (peer, name, payload) => {
  peer.write(name, payload)
  if (name === 'close') {
    peer.socket.end()
  }
}

/**
 * @param {object} t closes the server
 * @param {object} [options]
 * @param {(peer: Peer) => void} [options.onOpen]
 * @param {(peer: Peer, name: string, payload: Buffer) => void} [options.onFrame] default: the frame comes back
 * @param {boolean} [options.coalesced] `onOpen` writes together with the answer to the handshake
 * @returns {Promise<{ url: string, server: http.Server, peers: Peer[] }>}
 */
async function listen (t, { onOpen = () => {}, onFrame = echo, coalesced = false } = {}) {
  const peers = []
  const server = http.createServer((_request, response) => response.writeHead(404).end('no WebSocket'))
  server.on('upgrade', (request, socket) => {
    const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    const protocol = request.headers['sec-websocket-protocol']
    const peer = new Peer(request, socket, onFrame)
    peers.push(peer)
    if (coalesced) {
      socket.cork()
    }
    socket.write([
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${request.url === '/wrong' ? 'wrong' : accept}`,
      ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol.split(', ').at(-1)}`]),
      '',
      ''
    ].join('\r\n'))
    onOpen(peer)
    socket.uncork()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const { socket } of peers) {
      socket.destroy()
    }
    server.closeAllConnections()
    server.close()
  })
  return { url: `ws://127.0.0.1:${server.address().port}`, server, peers }
}

module.exports = { listen }
