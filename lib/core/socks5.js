'use strict'

// The client's side of SOCKS5 (RFC 1928), with a user and a password (RFC 1929): makes of a socket that is connected
// to such a proxy one to an origin. Who connects, and what is spoken through the tunnel, is not known here.
//
//   GREETING ──no credentials asked───────────────────► REQUESTING ──reply──► the tunnel is open
//       └──credentials asked──► AUTHENTICATING ──welcome──┘

const { isIP } = require('node:net')
const { InvalidArgumentError, ProxyConnectionError, SocketError } = require('./errors')
const { faults } = require('./socks5-faults')

const VERSION = 5
const AUTHENTICATION_VERSION = 1
const CONNECT = 1
const METHODS = { none: 0, password: 2, noneAcceptable: 0xff }
const ADDRESSES = { ipv4: 1, name: 3, ipv6: 4 }

/**
 * Shows who asks, where there are credentials and the proxy wants them.
 *
 * @param {import('node:net').Socket} socket connected to the proxy; nobody may have read from it
 * @param {{ username?: string|null, password?: string|null }} credentials offered only with both
 * @throws {Socks5ProxyError} what the proxy refused, or did not understand: `UND_ERR_SOCKS5_VERSION`,
 *   `_AUTH_REJECTED`, `_AUTH_METHOD`, `_AUTH_VERSION`, `_AUTH_FAILED`
 * @throws {ProxyConnectionError} where it ended the connection
 */
async function authenticate (socket, { username, password }) {
  const isKnown = Boolean(username && password)
  const [user, secret] = [Buffer.from(username ?? ''), Buffer.from(password ?? '')]
  if (user.length > 255 || secret.length > 255) {
    throw new InvalidArgumentError('Username or password too long')
  }
  socket.write(Buffer.from(isKnown ? [VERSION, 2, METHODS.password, METHODS.none] : [VERSION, 1, METHODS.none]))
  const [version, method] = await octets(socket, 2)
  if (version !== VERSION) {
    throw faults.version(version)
  }
  if (method === METHODS.noneAcceptable) {
    throw faults.noMethod()
  }
  if (method === METHODS.none) {
    return
  }
  if (method !== METHODS.password) {
    throw faults.method(method)
  }
  if (!isKnown) {
    throw faults.credentialsWanted()
  }
  socket.write(Buffer.concat([[AUTHENTICATION_VERSION, user.length], user, [secret.length], secret].map((part) => Buffer.from(part))))
  const [ownVersion, status] = await octets(socket, 2)
  if (ownVersion !== AUTHENTICATION_VERSION) {
    throw faults.credentialsVersion(ownVersion)
  }
  if (status !== 0) {
    throw faults.credentials()
  }
}

/**
 * Has the proxy connect to an origin. A name is resolved by the proxy.
 *
 * @param {import('node:net').Socket} socket on which `authenticate` has succeeded
 * @param {string} hostname a name or an address, without brackets
 * @param {number} port
 * @throws {Socks5ProxyError} `UND_ERR_SOCKS5_REPLY_<octet>` where it could not, `_REPLY_VERSION` and `_ADDR_TYPE`
 *   where its reply is none
 * @throws {ProxyConnectionError} where it ended the connection
 */
async function openTunnel (socket, hostname, port) {
  socket.write(Buffer.concat([Buffer.from([VERSION, CONNECT, 0]), addressOf(hostname), Buffer.from([port >> 8, port & 0xff])]))
  const [version, reply, , kind] = await octets(socket, 4)
  if (version !== VERSION) {
    throw faults.replyVersion(version)
  }
  if (reply !== 0) {
    throw faults.reply(reply)
  }
  // Where it connected from is of no use; what follows is the origin's.
  await octets(socket, await lengthOf(socket, kind) + 2)
}

async function lengthOf (socket, kind) {
  switch (kind) {
    case ADDRESSES.ipv4: return 4
    case ADDRESSES.ipv6: return 16
    case ADDRESSES.name: return (await octets(socket, 1))[0]
    default: throw faults.addressType(kind)
  }
}

function addressOf (hostname) {
  switch (isIP(hostname)) {
    case 4: return Buffer.from([ADDRESSES.ipv4, ...hostname.split('.').map(Number)])
    case 6: return Buffer.from([ADDRESSES.ipv6, ...groupsOf(hostname).flatMap((group) => [group >> 8, group & 0xff])])
  }
  const name = Buffer.from(hostname)
  if (name.length > 255) {
    throw new InvalidArgumentError('Domain name too long (max 255 bytes)')
  }
  return Buffer.concat([Buffer.from([ADDRESSES.name, name.length]), name])
}

// The eight groups of an IPv6 address as a URL has it: in hexadecimal, with one gap at most.
function groupsOf (address) {
  const [before, after] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
    .map((part) => part === '' ? [] : part.split(':').map((group) => parseInt(group, 16)))
  return after === undefined ? before : [...before, ...Array(8 - before.length - after.length).fill(0), ...after]
}

// So many octets, as soon as they are there; what follows them stays in the socket.
function octets (socket, count) {
  return new Promise((resolve, reject) => {
    const settle = (outcome, value) => {
      socket.off('readable', attempt).off('error', fail).off('end', end).off('close', end)
      outcome(value)
    }
    const fail = (error) => settle(reject, error)
    const end = () => fail(socket.errored ?? new ProxyConnectionError(new SocketError('other side closed')))
    const attempt = () => {
      const chunk = socket.read(count)
      if (chunk !== null) {
        // At the end of the stream there may be fewer.
        chunk.length === count ? settle(resolve, chunk) : end()
      }
    }
    socket.on('readable', attempt).on('error', fail).on('end', end).on('close', end)
    if (socket.destroyed) {
      end()
    } else {
      attempt()
    }
  })
}

module.exports = { authenticate, openTunnel }
