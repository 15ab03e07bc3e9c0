'use strict'

// A SOCKS5 proxy for the tests (RFC 1928, RFC 1929). It takes any name for this machine, and tells what it heard. What it
// says at each step may be replaced.

const { once } = require('node:events')
const net = require('node:net')
const tls = require('node:tls')
const { certificates } = require('../tls/certificates')
const { openServer } = require('./proxy')

const REPLY = [5, 0, 0, 1, 127, 0, 0, 1, 0x12, 0x34]

/**
 * @param {object} [options]
 * @param {object} [options.users] passwords by user; without them nobody is asked
 * @param {number[]|null} [options.method] what it says to the greeting; null: nothing
 * @param {number[]|null} [options.status] what it says to credentials; null: nothing
 * @param {number[]|null} [options.reply] what it says to a request; null: nothing
 * @param {boolean} [options.inPieces] says it octet by octet
 */
async function openSocks (t, { users, method, status, reply, inPieces = false } = {}) {
  const heard = { methods: [], credentials: [], targets: [], connections: 0 }
  async function serve (socket) {
    heard.connections++
    socket.on('error', () => {})
    const read = reader(socket)
    const say = (octets) => {
      if (octets === null) return false
      if (octets.length === 0) socket.destroy()
      else if (inPieces) for (const octet of octets) socket.write(Buffer.from([octet]))
      else socket.write(Buffer.from(octets))
      return true
    }
    const [, count] = await read(2)
    const methods = [...await read(count)]
    heard.methods.push(methods)
    if (!say(method === undefined ? [5, users ? 2 : 0] : method)) return
    if (users && methods.includes(2)) {
      const user = String(await read((await read(2))[1]))
      const password = String(await read((await read(1))[0]))
      heard.credentials.push([user, password])
      if (!say(status === undefined ? [1, users[user] === password ? 0 : 1] : status)) return
    }
    const [, , , kind] = await read(4)
    const name = kind === 1 ? [...await read(4)].join('.') : kind === 4 ? (await read(16)).toString('hex') : String(await read((await read(1))[0]))
    const port = (await read(2)).readUInt16BE()
    heard.targets.push([kind, name, port])
    if (reply !== undefined) {
      if (!say(reply) || reply[1] !== 0) return
    }
    const onward = net.connect(port, '127.0.0.1', () => {
      if (reply === undefined) say(REPLY)
      onward.pipe(socket).pipe(onward)
    })
    onward.on('error', () => socket.destroy()).on('close', () => socket.destroy())
    socket.on('close', () => onward.destroy())
  }
  const { port, server } = await openServer(t, (socket) => serve(socket).catch(() => socket.destroy()))
  return { heard, port, server, host: `localhost:${port}`, url: `socks5://localhost:${port}` }
}

// Reads so many octets.
function reader (socket) {
  return (count) => new Promise((resolve, reject) => {
    const attempt = () => {
      const chunk = count === 0 ? Buffer.alloc(0) : socket.read(count)
      if (chunk === null) {
        socket.once('readable', attempt)
      } else {
        socket.off('close', reject)
        resolve(chunk)
      }
    }
    socket.once('close', reject)
    attempt()
  })
}

/** What speaks TLS in front of a proxy. Returns its port. */
async function openFront (t, { port }) {
  const server = tls.createServer(certificates.good, (socket) => {
    const onward = net.connect(port, '127.0.0.1')
    onward.on('error', () => socket.destroy()).pipe(socket.on('error', () => onward.destroy())).pipe(onward)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => server.close())
  return server.address().port
}

module.exports = { openFront, openSocks }
