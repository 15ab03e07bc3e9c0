'use strict'

// The error classes that users meet, as one table: name, code, default message. What only some of them
// carry is in the constructors below the table. No error is raised here, and no message is ever read.
//
// `instanceof` goes by brand (`Symbol.for('undici.error.<CODE>')`), not by prototype: a program may hold
// errors of several undici packages, Node's own included, and check them against any of them.

const brandOf = (code) => Symbol.for(`undici.error.${code}`)

// Gives a class its brand and the check for it.
function brand (Class, code) {
  const symbol = brandOf(code)
  Object.defineProperty(Class.prototype, symbol, { get: () => true, configurable: true })
  Object.defineProperty(Class, Symbol.hasInstance, {
    value: (instance) => instance != null && instance[symbol] === true,
    configurable: true,
    writable: true
  })
}

// The name is on the prototype as well, so that it already stands in the first line of the stack.
function nameInStack (Class, name) {
  Object.defineProperty(Class.prototype, 'name', { value: name, configurable: true, writable: true })
}

class UndiciError extends Error {
  constructor (message, options) {
    super(message, options)
    this.name = 'UndiciError'
    this.code = 'UND_ERR'
  }
}
nameInStack(UndiciError, 'UndiciError')
brand(UndiciError, 'UND_ERR')

// The class of a row of the table; `name` is what its instances are called where that differs from the
// class (both abort errors are called AbortError, as the web platform does).
function defineError (className, code, fallback, { parent = UndiciError, name = className } = {}) {
  const Class = {
    [className]: class extends parent {
      constructor (message, options) {
        super(message, options)
        this.name = name
        // Not handed to Error: what is assigned to a message that was not given is enumerable, as programs that
        // copy or serialise undici's errors have it.
        this.message = message || fallback
        this.code = code
      }
    }
  }[className]
  nameInStack(Class, name)
  brand(Class, code)
  return Class
}

const AbortError = defineError('AbortError', 'UND_ERR_ABORT', 'The operation was aborted')

const table = [
  ['ConnectTimeoutError', 'UND_ERR_CONNECT_TIMEOUT', 'Connect Timeout Error'],
  ['HeadersTimeoutError', 'UND_ERR_HEADERS_TIMEOUT', 'Headers Timeout Error'],
  ['HeadersOverflowError', 'UND_ERR_HEADERS_OVERFLOW', 'Headers Overflow Error'],
  ['BodyTimeoutError', 'UND_ERR_BODY_TIMEOUT', 'Body Timeout Error'],
  // Ours: undici has no bound for the exchange as a whole.
  ['TimeoutError', 'UND_ERR_TIMEOUT', 'Timeout Error'],
  ['InvalidArgumentError', 'UND_ERR_INVALID_ARG', 'Invalid Argument Error'],
  ['InvalidReturnValueError', 'UND_ERR_INVALID_RETURN_VALUE', 'Invalid Return Value Error'],
  ['RequestAbortedError', 'UND_ERR_ABORTED', 'Request aborted', { parent: AbortError, name: 'AbortError' }],
  ['InformationalError', 'UND_ERR_INFO', 'Request information'],
  ['RequestContentLengthMismatchError', 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
    'Request body length does not match content-length header'],
  ['ResponseContentLengthMismatchError', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
    'Response body length does not match content-length header'],
  ['ClientDestroyedError', 'UND_ERR_DESTROYED', 'The client is destroyed'],
  ['ClientClosedError', 'UND_ERR_CLOSED', 'The client is closed'],
  ['NotSupportedError', 'UND_ERR_NOT_SUPPORTED', 'Not supported error'],
  ['BalancedPoolMissingUpstreamError', 'UND_ERR_BPL_MISSING_UPSTREAM',
    'No upstream has been added to the BalancedPool', { name: 'MissingUpstreamError' }],
  ['ResponseExceededMaxSizeError', 'UND_ERR_RES_EXCEEDED_MAX_SIZE', 'Response content exceeded max size'],
  ['MaxRedirectsError', 'UND_ERR_REDIRECT_MAX', 'max redirects'],
  ['MaxOriginsReachedError', 'UND_ERR_MAX_ORIGINS_REACHED', 'Maximum allowed origins reached'],
  ['MessageSizeExceededError', 'UND_ERR_WS_MESSAGE_SIZE_EXCEEDED', 'Max decompressed message size exceeded']
]

const classes = { UndiciError, AbortError }
for (const [name, code, fallback, options] of table) {
  classes[name] = defineError(name, code, fallback, options)
}

// --- The ones that carry more.

const SocketErrorBase = defineError('SocketError', 'UND_ERR_SOCKET', 'Socket error')

// `socket` describes the connection (addresses, ports, octets). `details` says what a caller needs in
// order to decide about another attempt: `phase` (how far the request was), `reused` (the connection had
// served a request before) and `retryable` (making the request again does no harm).
class SocketError extends SocketErrorBase {
  constructor (message, socket, details) {
    super(message)
    this.socket = socket
    if (details) {
      this.phase = details.phase
      this.reused = details.reused
      this.retryable = details.retryable
    }
  }
}

const ResponseStatusCodeErrorBase =
  defineError('ResponseStatusCodeError', 'UND_ERR_RESPONSE_STATUS_CODE', 'Response Status Code Error')

class ResponseStatusCodeError extends ResponseStatusCodeErrorBase {
  constructor (message, statusCode, headers, body) {
    super(message)
    this.body = body
    this.status = statusCode
    this.statusCode = statusCode
    this.headers = headers
  }
}

const RequestRetryErrorBase = defineError('RequestRetryError', 'UND_ERR_REQ_RETRY', 'Request retry error')

class RequestRetryError extends RequestRetryErrorBase {
  constructor (message, statusCode, { headers, data } = {}) {
    super(message)
    this.statusCode = statusCode
    this.data = data
    this.headers = headers
  }
}

const ResponseErrorBase = defineError('ResponseError', 'UND_ERR_RESPONSE', 'Response error')

class ResponseError extends ResponseErrorBase {
  constructor (message, statusCode, { headers, body, bodyTruncated = false } = {}) {
    super(message)
    this.statusCode = statusCode
    this.body = body
    this.bodyTruncated = bodyTruncated
    this.headers = headers
  }
}

const SecureProxyConnectionErrorBase =
  defineError('SecureProxyConnectionError', 'UND_ERR_PRX_TLS', 'Secure Proxy Connection failed')

class SecureProxyConnectionError extends SecureProxyConnectionErrorBase {
  constructor (cause, message, options = {}) {
    super(message, { cause, ...options })
    this.cause = cause
  }
}

const ProxyConnectionErrorBase =
  defineError('ProxyConnectionError', 'UND_ERR_PRX_CONN', 'Proxy Connection failed')

class ProxyConnectionError extends ProxyConnectionErrorBase {
  constructor (cause, message, options = {}) {
    super(message, { cause, ...options })
    this.cause = cause
  }
}

const Socks5ProxyErrorBase = defineError('Socks5ProxyError', 'UND_ERR_SOCKS5', 'SOCKS5 proxy error')

class Socks5ProxyError extends Socks5ProxyErrorBase {
  constructor (message, code) {
    super(message)
    if (code) {
      this.code = code
    }
  }
}

// The parser's error is no UndiciError: its codes are llhttp's.
class HTTPParserError extends Error {
  constructor (message, code, data) {
    super(message)
    this.name = 'HTTPParserError'
    this.code = code ? `HPE_${code}` : undefined
    this.data = data ? data.toString() : undefined
  }
}
nameInStack(HTTPParserError, 'HTTPParserError')
brand(HTTPParserError, 'UND_ERR_HTTP_PARSER')

// Never raised: the parser is native code. Programs name the class all the same.
class WebAssemblyNotSupportedError extends Error {
  constructor (message) {
    super(message || 'WebAssembly is not supported in this environment, but is required for HTTP/1 parsing')
    this.code = 'ERR_WEBASSEMBLY_NOT_SUPPORTED'
  }
}
brand(WebAssemblyNotSupportedError, 'ERR_WEBASSEMBLY_NOT_SUPPORTED')

module.exports = {
  ...classes,
  SocketError,
  ResponseStatusCodeError,
  RequestRetryError,
  ResponseError,
  SecureProxyConnectionError,
  ProxyConnectionError,
  Socks5ProxyError,
  HTTPParserError,
  WebAssemblyNotSupportedError
}
