'use strict'

// The engine's errors, which are kinds and numbers, as the error objects that undici and Node have for them.

const { getSystemErrorName } = require('node:util')
const { certificateError, tlsError } = require('./tls-errors')
const layout = require('./layout')
const {
  SocketError, HTTPParserError, HeadersTimeoutError, BodyTimeoutError, HeadersOverflowError, ConnectTimeoutError,
  ResponseExceededMaxSizeError, ResponseContentLengthMismatchError, RequestContentLengthMismatchError,
  InformationalError, ClientDestroyedError, RequestAbortedError, TimeoutError
} = require('../core/errors')
const { faults } = require('../core/socks5-faults')

const WORD = 4
const PHASES = []
PHASES[layout.PHASE_CONNECTING] = 'connecting'
PHASES[layout.PHASE_SENDING] = 'sending'
PHASES[layout.PHASE_WAITING] = 'waiting'
PHASES[layout.PHASE_HEAD] = 'head'
PHASES[layout.PHASE_BODY] = 'body'
PHASES[layout.PHASE_TUNNEL] = 'tunnel'

const SYSCALLS = [undefined, 'read', 'write']

const SOCKS5_FAULTS = new Map([
  [layout.SOCKS5_VERSION, faults.version],
  [layout.SOCKS5_NO_METHOD, faults.noMethod],
  [layout.SOCKS5_METHOD, faults.method],
  [layout.SOCKS5_CREDENTIALS_WANTED, faults.credentialsWanted],
  [layout.SOCKS5_CREDENTIALS_VERSION, faults.credentialsVersion],
  [layout.SOCKS5_CREDENTIALS, faults.credentials],
  [layout.SOCKS5_REPLY_VERSION, faults.replyVersion],
  [layout.SOCKS5_REPLY, faults.reply],
  [layout.SOCKS5_ADDRESS_TYPE, faults.addressType]
])

const MAKERS = []
MAKERS[layout.ERROR_CONNECT] = connectError
MAKERS[layout.ERROR_RESOLVE] = resolveError
MAKERS[layout.ERROR_CONNECT_TIMEOUT] = connectTimeoutError
MAKERS[layout.ERROR_MADE_ROOM] = () => new InformationalError('idle connection closed to make room')
MAKERS[layout.ERROR_SERVER_NAME_CHANGED] = () => new InformationalError('servername changed')
MAKERS[layout.ERROR_CERTIFICATE] = ({ lines: [code, name, certificate] }) =>
  certificateError(code, Buffer.from(certificate, 'hex'), name)
MAKERS[layout.ERROR_TLS] = ({ errno, route }) => tlsError(errno, route)
MAKERS[layout.ERROR_LENT] = ({ errno, sockets }) => sockets.errorOf(errno)
MAKERS[layout.ERROR_HEADERS_TIMEOUT] = () => new HeadersTimeoutError()
MAKERS[layout.ERROR_BODY_TIMEOUT] = () => new BodyTimeoutError()
MAKERS[layout.ERROR_TIMEOUT] = ({ errno, standing }) =>
  Object.assign(new TimeoutError(`Timeout Error (timeout: ${errno >>> 0}ms)`), standing)
MAKERS[layout.ERROR_HEADERS_OVERFLOW] = () => new HeadersOverflowError()
MAKERS[layout.ERROR_RESPONSE_EXCEEDED_MAX_SIZE] = () => new ResponseExceededMaxSizeError()
MAKERS[layout.ERROR_CONTENT] = ({ errno, lines: [code, reason] }) => Object.assign(new Error(reason), { errno, code })
MAKERS[layout.ERROR_CONTENT_TOO_LARGE] = ({ lines: [size, limit] }) =>
  new ResponseExceededMaxSizeError(`Decompressed response size (${size}) exceeded maxSize (${limit})`)
MAKERS[layout.ERROR_RESPONSE_CONTENT_LENGTH_MISMATCH] = () => new ResponseContentLengthMismatchError()
MAKERS[layout.ERROR_REQUEST_CONTENT_LENGTH_MISMATCH] = () => new RequestContentLengthMismatchError()
MAKERS[layout.ERROR_PARSE] = parseError
MAKERS[layout.ERROR_BAD_RESPONSE] = socketError('bad response')
MAKERS[layout.ERROR_BAD_UPGRADE] = socketError('bad upgrade')
MAKERS[layout.ERROR_OTHER_SIDE_CLOSED] = socketError('other side closed')
MAKERS[layout.ERROR_SYSTEM] = ({ errno, syscall, standing }) => Object.assign(systemError(errno, syscall), standing)
MAKERS[layout.ERROR_RESET] = () => new InformationalError('reset')
MAKERS[layout.ERROR_ABORTED] = () => new InformationalError('aborted')
MAKERS[layout.ERROR_IDLE_TIMEOUT] = () => new InformationalError('socket idle timeout')
MAKERS[layout.ERROR_UPGRADED] = () => new InformationalError('upgrade')
MAKERS[layout.ERROR_DESTROYED] = () => new ClientDestroyedError()
MAKERS[layout.ERROR_INTERNAL] = socketError('the engine failed')

MAKERS[layout.ERROR_TUNNEL_REFUSED] = ({ errno }) =>
  new RequestAbortedError(`Proxy response (${errno}) !== 200 when HTTP Tunneling`)
MAKERS[layout.ERROR_TUNNEL_TIMEOUT] = ({ route, tunnel }) => connectTimeout(addressOf(route), tunnel.answerTimeout)
MAKERS[layout.ERROR_SOCKS5] = ({ errno }) => SOCKS5_FAULTS.get(errno & ~0xff)(errno & 0xff)

/**
 * The error in the record that the ring stands at.
 *
 * @param {import('./ring').Consumer} ring
 * @param {number} word where the record's payload starts
 * @param {object} route has the facts of the connection: `session`, `host`, `port`, `connectTimeout`, …
 * @param {import('./lent-sockets').LentSockets} sockets
 * @returns {Error}
 */
function errorOf (ring, word, route, sockets) {
  const words = ring.words
  const textAt = (word + layout.FAILURE_WORDS) * WORD
  const text = ring.octets.utf8Slice(textAt, ring.offset + ring.length)
  const kind = words[word + layout.FAILURE_ERROR]
  const { tunnel } = route
  const isAtProxy = (kind & layout.ERROR_FLAG_AT_PROXY) !== 0
  const error = MAKERS[kind & ~layout.ERROR_FLAG_AT_PROXY]({
    errno: words[word + layout.FAILURE_ERRNO],
    syscall: SYSCALLS[words[word + layout.FAILURE_SYSCALL]],
    position: long(words, word + layout.FAILURE_POSITION_LOW),
    bytesRead: long(words, word + layout.FAILURE_READ_LOW),
    bytesWritten: long(words, word + layout.FAILURE_WRITTEN_LOW),
    standing: standingOf(words[word + layout.FAILURE_STANDING]),
    lines: text === '' ? [] : text.trimEnd().split('\n'),
    route: isAtProxy ? tunnel.via : route,
    tunnel,
    sockets
  })
  return isAtProxy ? tunnel.proxyError(error) : error
}

// What a caller needs to decide about another attempt; undefined where no exchange failed, or nobody knows.
function standingOf (word) {
  return word === 0
    ? undefined
    : {
        phase: PHASES[word & 0xff],
        reused: (word & layout.STANDING_FLAG_REUSED) !== 0,
        retryable: (word & layout.STANDING_FLAG_RETRYABLE) !== 0
      }
}

function socketError (message) {
  return ({ route, bytesWritten, bytesRead, standing }) => {
    const session = route.session
    return new SocketError(message, {
      localAddress: session?.localAddress,
      localPort: session?.localPort,
      remoteAddress: session?.remoteAddress,
      remotePort: session?.remotePort,
      remoteFamily: session?.remoteFamily,
      timeout: undefined,
      bytesWritten,
      bytesRead
    }, standing)
  }
}

function parseError ({ lines: [code, reason], position }) {
  const error = new HTTPParserError(`Response does not match the HTTP/1.1 protocol (${reason})`, code)
  error.position = position
  return error
}

/** As Node makes it: `connect ECONNREFUSED 127.0.0.1:80`, or an AggregateError of several. */
function connectError ({ lines }) {
  const errors = lines.map((line) => {
    const [errno, port, ...rest] = line.split(' ')
    const address = rest.join(' ')
    return port === '0'
      ? systemError(Number(errno), 'connect', address)
      : systemError(Number(errno), 'connect', address, Number(port))
  })
  if (errors.length === 1) {
    return errors[0]
  }
  const error = new AggregateError(errors)
  error.code = errors[0]?.code
  return error
}

function connectTimeoutError ({ lines, route }) {
  const attempts = lines.map((line) => {
    const [, port, address] = line.split(' ')
    return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
  })
  const tried = attempts.length > 0 ? `attempted addresses: ${attempts.join(', ')}` : addressOf(route)
  return connectTimeout(tried, route.connectTimeout)
}

function connectTimeout (tried, limit) {
  return new ConnectTimeoutError(`Connect Timeout Error (${tried}, timeout: ${limit}ms)`)
}

function addressOf ({ host, port }) {
  return `attempted address: ${host}:${port}`
}

const RESOLVER_ERRNO = { ENOTFOUND: -3008, EAI_AGAIN: -3001, EAI_FAIL: -3004, EAI_MEMORY: -3006, EAI_NODATA: -3007 }

function resolveError ({ lines: [code], route }) {
  const error = new Error(`getaddrinfo ${code} ${route.host}`)
  error.errno = RESOLVER_ERRNO[code]
  error.code = code
  error.syscall = 'getaddrinfo'
  error.hostname = route.host
  return error
}

function systemError (errno, syscall, address, port) {
  const code = getSystemErrorName(-errno)
  const where = address === undefined ? '' : port === undefined ? ` ${address}` : ` ${address}:${port}`
  const error = new Error(`${syscall} ${code}${where}`)
  error.errno = -errno
  error.code = code
  error.syscall = syscall
  if (address !== undefined) {
    error.address = address
  }
  if (port !== undefined) {
    error.port = port
  }
  return error
}

function long (words, at) {
  return (words[at] >>> 0) + (words[at + 1] >>> 0) * 0x100000000
}

module.exports = { errorOf }
