// Every error class. Names, codes and messages are undici's, of any generation from 5 to 8.

import Client from './client'
import { IncomingHttpHeaders } from './header'

export default Errors

/**
 * `instanceof` goes by a brand (`Symbol.for('undici.error.<CODE>')`), not by the prototype: an error of this package
 * is an instance of the class of the same name in `undici`, and the other way round.
 */
declare namespace Errors {
  /** What all others extend, except {@link HTTPParserError} and {@link WebAssemblyNotSupportedError} at run time. */
  export class UndiciError extends Error {
    name: string
    code: string
  }

  /** No connection within `connectTimeout` milliseconds. */
  export class ConnectTimeoutError extends UndiciError {
    name: 'ConnectTimeoutError'
    code: 'UND_ERR_CONNECT_TIMEOUT'
  }

  /** The response's head did not come within `headersTimeout` milliseconds. Never raised early. */
  export class HeadersTimeoutError extends UndiciError {
    name: 'HeadersTimeoutError'
    code: 'UND_ERR_HEADERS_TIMEOUT'
  }

  /** The response's head, or its trailers, are longer than `maxHeaderSize` bytes. */
  export class HeadersOverflowError extends UndiciError {
    name: 'HeadersOverflowError'
    code: 'UND_ERR_HEADERS_OVERFLOW'
  }

  /** No octet of the response's body for `bodyTimeout` milliseconds. Never raised early, nor while the reader pauses. */
  export class BodyTimeoutError extends UndiciError {
    name: 'BodyTimeoutError'
    code: 'UND_ERR_BODY_TIMEOUT'
  }

  /**
   * The exchange as a whole took longer than `timeout` milliseconds. Never raised early; also raised while the reader pauses.
   * Undici has no such class.
   */
  export class TimeoutError extends UndiciError {
    name: 'TimeoutError'
    code: 'UND_ERR_TIMEOUT'
    /** How far the request was; `connecting` also where it waited in a queue. */
    phase?: 'connecting' | 'sending' | 'waiting' | 'head' | 'body'
    /** Whether the connection had carried an answer before. */
    reused?: boolean
    /** Whether the request can be made again without harm: nothing of it was written, or it is idempotent (RFC 9110 §9.2.2). */
    retryable?: boolean
  }

  /** `throwOnError` was set and the status is 400 or above. Source: undici 5 and 6. */
  export class ResponseStatusCodeError extends UndiciError {
    constructor (
      message?: string,
      statusCode?: number,
      headers?: IncomingHttpHeaders | string[] | null,
      body?: null | Record<string, any> | string
    )

    name: 'ResponseStatusCodeError'
    code: 'UND_ERR_RESPONSE_STATUS_CODE'
    /** The body: parsed if it is JSON, a string if it is text, else null. */
    body: null | Record<string, any> | string
    /** The same as {@link statusCode}. */
    status: number
    statusCode: number
    headers: IncomingHttpHeaders | string[] | null
  }

  /** An error status, as undici 7 and 8 report it from their `responseError` interceptor. */
  export class ResponseError extends UndiciError {
    constructor (
      message: string,
      code: number,
      options: {
        headers?: IncomingHttpHeaders | string[] | null
        body?: null | Record<string, any> | string
        bodyTruncated?: boolean
      }
    )

    name: 'ResponseError'
    code: 'UND_ERR_RESPONSE'
    statusCode: number
    body: null | Record<string, any> | string
    /** Whether {@link body} is only the beginning. */
    bodyTruncated: boolean
    headers: IncomingHttpHeaders | string[] | null
  }

  /** An argument or option is wrong. Nothing was sent. */
  export class InvalidArgumentError extends UndiciError {
    name: 'InvalidArgumentError'
    code: 'UND_ERR_INVALID_ARG'
  }

  /** A callback of the program returned something else than it has to: a factory no `Writable`, a pipeline handler no `Readable`. */
  export class InvalidReturnValueError extends UndiciError {
    name: 'InvalidReturnValueError'
    code: 'UND_ERR_INVALID_RETURN_VALUE'
  }

  /** An operation was ended from outside. */
  export class AbortError extends UndiciError {
    name: 'AbortError'
    code: 'UND_ERR_ABORT' | 'UND_ERR_ABORTED'
  }

  /** The program aborted the request and named no reason of its own. */
  export class RequestAbortedError extends AbortError {
    name: 'AbortError'
    code: 'UND_ERR_ABORTED'
  }

  /** Not a failure of its own: why a connection ended (`reset`, `socket idle timeout`, `upgrade`), seen in `'disconnect'`. */
  export class InformationalError extends UndiciError {
    name: 'InformationalError'
    code: 'UND_ERR_INFO'
  }

  /** The request's body is shorter or longer than its `content-length`. What was declared is never exceeded on the wire. */
  export class RequestContentLengthMismatchError extends UndiciError {
    name: 'RequestContentLengthMismatchError'
    code: 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH'
  }

  /** The connection ended before the response had the length that it declared (RFC 9112 §8). */
  export class ResponseContentLengthMismatchError extends UndiciError {
    name: 'ResponseContentLengthMismatchError'
    code: 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'
  }

  /** The client was destroyed. */
  export class ClientDestroyedError extends UndiciError {
    name: 'ClientDestroyedError'
    code: 'UND_ERR_DESTROYED'
  }

  /** The client was closed and takes no more requests. */
  export class ClientClosedError extends UndiciError {
    name: 'ClientClosedError'
    code: 'UND_ERR_CLOSED'
  }

  /** The connection failed or broke the protocol (`other side closed`, `bad response`, `bad upgrade`, `closed`). */
  export class SocketError extends UndiciError {
    constructor (message?: string, socket?: Client.SocketInfo | null)
    name: 'SocketError'
    code: 'UND_ERR_SOCKET'
    /** The two ends of the connection and what went over it, or null if there was none. */
    socket: Client.SocketInfo | null
    /** How far the request was. Missing where none failed; undici has no such field. */
    phase?: 'connecting' | 'sending' | 'waiting' | 'head' | 'body' | 'tunnel'
    /** Whether the connection had carried an answer before. Missing where no request failed; undici has no such field. */
    reused?: boolean
    /**
     * Whether the request can be made again without harm: nothing of it was written, or it is idempotent (RFC 9110 §9.2.2).
     * Missing where no request failed; undici has no such field.
     */
    retryable?: boolean
  }

  /** Asked for something that is not there: an `expect` field, `formData()`, `https:`, a `connect` function. */
  export class NotSupportedError extends UndiciError {
    name: 'NotSupportedError'
    code: 'UND_ERR_NOT_SUPPORTED'
  }

  /** A balanced pool without an upstream. */
  export class BalancedPoolMissingUpstreamError extends UndiciError {
    name: 'MissingUpstreamError'
    code: 'UND_ERR_BPL_MISSING_UPSTREAM'
  }

  /** What came is not HTTP/1.1. The code is one of llhttp's: `HPE_INVALID_CONSTANT`, `HPE_INVALID_CHUNK_SIZE`, … */
  export class HTTPParserError extends UndiciError {
    constructor (message?: string, code?: string, data?: { toString (): string })
    name: 'HTTPParserError'
    code: string
    /** The octets at the place of the fault, as text; undefined when none were kept. */
    data?: string
    /** Where the fault was noticed: octets from the start of the response. undici has no such field. */
    position?: number
  }

  /** For programs that look for it. Never raised here: there is no WebAssembly in this package. Source: undici 8. */
  export class WebAssemblyNotSupportedError extends Error {
    constructor (message?: string)
    name: 'Error'
    code: 'ERR_WEBASSEMBLY_NOT_SUPPORTED'
  }

  /** The response's body is longer than `maxResponseSize` bytes. */
  export class ResponseExceededMaxSizeError extends UndiciError {
    name: 'ResponseExceededMaxSizeError'
    code: 'UND_ERR_RES_EXCEEDED_MAX_SIZE'
  }

  /** A retry was due and could not be made. */
  export class RequestRetryError extends UndiciError {
    constructor (
      message: string,
      statusCode: number,
      options?: IncomingHttpHeaders | string[] | null | { headers?: any, data?: any },
      body?: null | Record<string, any> | string
    )

    name: 'RequestRetryError'
    code: 'UND_ERR_REQ_RETRY'
    statusCode: number
    /** `count`: how many attempts were made. */
    data: {
      count: number
    }

    headers: Record<string, string | string[]>
  }

  /** TLS to a proxy failed; `cause` says why. */
  export class SecureProxyConnectionError extends UndiciError {
    constructor (cause?: Error, message?: string, options?: Record<any, any>)
    name: 'SecureProxyConnectionError'
    code: 'UND_ERR_PRX_TLS'
  }

  /** The connection to a proxy ended for good; `cause` says why. Source: undici 8. */
  export class ProxyConnectionError extends UndiciError {
    constructor (cause?: Error, message?: string, options?: Record<any, any>)
    name: 'ProxyConnectionError'
    code: 'UND_ERR_PRX_CONN'
  }

  /** An agent has as many origins as it may. Source: undici 7. */
  export class MaxOriginsReachedError extends UndiciError {
    name: 'MaxOriginsReachedError'
    code: 'UND_ERR_MAX_ORIGINS_REACHED'
  }

  /** More redirects than were allowed. Source: undici 8. */
  export class MaxRedirectsError extends UndiciError {
    name: 'MaxRedirectsError'
    code: 'UND_ERR_REDIRECT_MAX'
  }

  /** A SOCKS5 proxy refused or misbehaved. Source: undici 7. */
  export class Socks5ProxyError extends UndiciError {
    constructor (message?: string, code?: string)
    name: 'Socks5ProxyError'
    /** Default: `UND_ERR_SOCKS5`. */
    code: string
  }

  /** A WebSocket message is too large once decompressed. */
  export class MessageSizeExceededError extends UndiciError {
    name: 'MessageSizeExceededError'
    code: 'UND_ERR_WS_MESSAGE_SIZE_EXCEEDED'
  }
}
