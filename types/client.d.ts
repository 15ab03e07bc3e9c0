// The Client: one origin, one HTTP/1.1 connection. What it can do is in dispatcher.d.ts, what it counts in
// client-stats.d.ts.

import { SessionOptions } from 'node:http2'
import { URL } from 'node:url'
import ClientStats from './client-stats'
import buildConnector from './connector'
import Dispatcher from './dispatcher'

export default Client

/**
 * Sends requests to one origin over one connection, which is opened when it is needed and kept alive. Requests beyond
 * `pipelining` wait in a queue. Idle connections do not keep the process alive, requests do.
 *
 * Source: undici 8.
 */
export declare class Client extends Dispatcher {
  /**
   * @param url the origin: an `http:` or `https:` URL without path, query and fragment.
   * @throws InvalidArgumentError for a wrong URL or option; NotSupportedError for HTTP/2 without TLS.
   */
  constructor (url: string | URL, options?: Client.Options)

  /** How many requests are on the connection at most; `0` closes it after each. Settable at any time. Default: 1. */
  pipelining: number
  /** Whether `close` or `destroy` was called. */
  readonly closed: boolean
  /** Whether `destroy` was called, or `close` has come to its end. */
  readonly destroyed: boolean
  /** The figures of this moment. Source: undici 7. */
  readonly stats: ClientStats
  /** Those of the option `interceptors` that are for it. Setting it holds from the next request on. Source: undici 5 and 6. */
  interceptors: readonly Dispatcher.DispatchInterceptor[]
}

export declare namespace Client {
  /** A wrong value is an `InvalidArgumentError`. All times are in milliseconds. */
  export interface Options {
    // --- the connection
    /** Until a connection attempt is given up; `0` waits for ever. Default: 10000. @throws ConnectTimeoutError */
    connectTimeout?: number
    /** Path of a Unix domain socket; the URL then only names the host. Default: none. */
    socketPath?: string
    /** The IP address to connect from. Default: the system's choice. */
    localAddress?: string
    /** Options of the connection, which win over the ones here; or a function that connects. Default: none. */
    connect?: Partial<buildConnector.BuildOptions> | buildConnector.connector
    /** Whether all addresses of a name are tried, in turn. Default: `net.getDefaultAutoSelectFamily()`. */
    autoSelectFamily?: boolean
    /** Until the next address is tried, in ms, at least 10. Default: `net.getDefaultAutoSelectFamilyAttemptTimeout()`. */
    autoSelectFamilyAttemptTimeout?: number
    /** How many TLS sessions are kept. Concerns `https:` only. Default: 100. */
    maxCachedSessions?: number

    // --- its life (RFC 9112 §9)
    /** How long an idle connection is kept when the server says nothing. Default: 4000. */
    keepAliveTimeout?: number
    /** How long at most when the server gives a `keep-alive` hint. Default: 600000. */
    keepAliveMaxTimeout?: number
    /** Subtracted from the server's hint, so that the server is not the first to close. Default: 2000 (undici 8). */
    keepAliveTimeoutThreshold?: number
    /** How many requests one connection carries; `0`: any number. Default: none. */
    maxRequestsPerClient?: number
    /** How many requests are on the connection at once (RFC 9112 §9.3.2). Only for servers that are trusted. Default: 1. */
    pipelining?: number

    // --- responses
    /** From the end of a request to the complete head; `0` waits for ever. Whole number. Default: 300000. @throws HeadersTimeoutError */
    headersTimeout?: number
    /** Between two pieces of a body, not counted while paused; `0` waits for ever. Whole number. Default: 300000. @throws BodyTimeoutError */
    bodyTimeout?: number
    /** From a dispatch to the end of its response; `0` waits for ever. Whole number. Default: 0. @throws TimeoutError */
    timeout?: number
    /** Bytes of a response's head. Default: `http.maxHeaderSize`, 16384. @throws HeadersOverflowError */
    maxHeaderSize?: number
    /** Bytes of a response's body; `-1`: any number. Default: -1. @throws ResponseExceededMaxSizeError */
    maxResponseSize?: number

    // --- requests
    /**
     * Whether a body that does not fit its `content-length` is an error; otherwise it is a process warning.
     * Default: `true`. @throws RequestContentLengthMismatchError
     */
    strictContentLength?: boolean

    // --- other protocols; none concerns an `http:` origin
    webSocket?: Client.WebSocketOptions
    eventSource?: Client.EventSourceOptions
    /** Whether HTTP/2 may be agreed on. Concerns `https:` only. */
    allowH2?: boolean
    h2Options?: Client.H2Options
    /** @deprecated use `h2Options.maxConcurrentStreams` */
    maxConcurrentStreams?: number
    /** @deprecated use `h2Options.settings.initialWindowSize` */
    initialWindowSize?: number
    /** @deprecated use `h2Options.connectionWindowSize` */
    connectionWindowSize?: number
    /** @deprecated use `h2Options.pingInterval` */
    pingInterval?: number

    // --- of earlier undicis, or of its inner parts
    /**
     * How many redirects are followed for a request that does not say. Default: 0. Source: undici 5 and 6, in place of
     * the redirect interceptor. @throws InvalidArgumentError for what is no whole number of 0 or more
     */
    maxRedirections?: number
    /**
     * Interceptors by the class that they are for, the first of them outermost. In a Pool those of `Client` are called
     * as well, behind those of `Pool`. Prefer `compose`. Source: undici 5 and 6.
     */
    interceptors?: Client.OptionsInterceptors
    /** @deprecated chooses between undici's parsers; there is one here */
    useMilo?: boolean
    /** @deprecated InvalidArgumentError: use `headersTimeout` and `bodyTimeout` */
    socketTimeout?: never
    /** @deprecated InvalidArgumentError: use `headersTimeout` and `bodyTimeout` */
    requestTimeout?: never
    /** @deprecated InvalidArgumentError: use `keepAliveTimeout` */
    idleTimeout?: never
    /** @deprecated InvalidArgumentError: use `pipelining: 0` */
    keepAlive?: never
    /** @deprecated InvalidArgumentError: use `keepAliveMaxTimeout` */
    maxKeepAliveTimeout?: never
    /** @deprecated use `connect` */
    tls?: never
  }

  export interface OptionsInterceptors {
    Client?: readonly Dispatcher.DispatchInterceptor[]
    Pool?: readonly Dispatcher.DispatchInterceptor[]
    BalancedPool?: readonly Dispatcher.DispatchInterceptor[]
    Agent?: readonly Dispatcher.DispatchInterceptor[]
  }

  /** Both ends of a connection, and what went over it in bytes. */
  export interface SocketInfo {
    localAddress?: string
    localPort?: number
    remoteAddress?: string
    remotePort?: number
    remoteFamily?: string
    timeout?: number
    bytesWritten?: number
    bytesRead?: number
  }

  export interface WebSocketOptions {
    /** Fragments of one message; `0`: any number. Default: 131072. */
    maxFragments?: number
    /** Bytes of one message; `0`: any number. Default: 134217728. */
    maxPayloadSize?: number
  }

  export interface EventSourceOptions {
    /** Bytes of one event; `0`: any number. Default: `buffer.kStringMaxLength`. */
    maxEventSize?: number
  }

  export interface H2Options extends Omit<SessionOptions, keyof buildConnector.BuildOptions> {
    /** Bytes of the connection's window (RFC 9113 §6.9). Default: 524288. */
    connectionWindowSize?: number
    /** Milliseconds between two PING frames; `0`: none. Default: 60000. */
    pingInterval?: number
    /** Streams at once; the server can lower it. Default: 100. */
    maxConcurrentStreams?: number
    /** Whether HTTP/2 is spoken without TLS. Default: `false`. */
    useH2c?: boolean
    /** The SETTINGS that the connection begins with. */
    settings?: Omit<SessionOptions['settings'], 'enablePush' | 'maxConcurrentStreams' | 'enableConnectProtocol'>
  }
}
