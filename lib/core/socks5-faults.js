'use strict'

// What can be wrong with a SOCKS5 proxy, in undici's words: the errors by the names of the faults, each with the octet
// that the proxy said.

const { InvalidArgumentError, Socks5ProxyError } = require('./errors')

// What a proxy says that could not reach an origin, by its octet (RFC 1928 section 6).
const REPLIES = [
  'succeeded',
  'General SOCKS server failure',
  'Connection not allowed by ruleset',
  'Network unreachable',
  'Host unreachable',
  'Connection refused',
  'TTL expired',
  'Command not supported',
  'Address type not supported'
]

const faults = {
  version: (octet) => new Socks5ProxyError(`Invalid SOCKS version: ${octet}`, 'UND_ERR_SOCKS5_VERSION'),
  noMethod: () => new Socks5ProxyError('No acceptable authentication method', 'UND_ERR_SOCKS5_AUTH_REJECTED'),
  method: (octet) => new Socks5ProxyError(`Unsupported authentication method: ${octet}`, 'UND_ERR_SOCKS5_AUTH_METHOD'),
  credentialsWanted: () => new InvalidArgumentError('Username and password required for authentication'),
  credentialsVersion: (octet) =>
    new Socks5ProxyError(`Invalid auth sub-negotiation version: ${octet}`, 'UND_ERR_SOCKS5_AUTH_VERSION'),
  credentials: () => new Socks5ProxyError('Authentication failed', 'UND_ERR_SOCKS5_AUTH_FAILED'),
  replyVersion: (octet) => new Socks5ProxyError(`Invalid SOCKS version in reply: ${octet}`, 'UND_ERR_SOCKS5_REPLY_VERSION'),
  reply: (octet) => new Socks5ProxyError(
    `SOCKS5 connection failed: ${REPLIES[octet] ?? `Unknown error code: ${octet}`}`, `UND_ERR_SOCKS5_REPLY_${octet}`
  ),
  addressType: (octet) => new Socks5ProxyError(`Invalid address type in reply: ${octet}`, 'UND_ERR_SOCKS5_ADDR_TYPE')
}

module.exports = { faults }
