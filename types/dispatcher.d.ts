// The Dispatcher: its methods, their options and what they give back. Handlers are in handler.d.ts, bodies in
// readable.d.ts, request fields in header.d.ts.

import { Blob } from 'node:buffer'
import { EventEmitter } from 'node:events'
import { Duplex, Readable, Writable } from 'node:stream'
import { URL, URLSearchParams } from 'node:url'
import Errors from './errors'
import { BlobLike, FormDataLike } from './formdata'
import {
  DispatchController as Controller,
  DispatchHandler as Handler,
  ExchangeTimings
} from './handler'
import { IncomingHttpHeaders, UndiciHeaders } from './header'
import BodyReadable from './readable'

export { UndiciHeaders } from './header'
export default Dispatcher

type Callback<T> = (error: Error | null, data: T) => void

/**
 * What all clients have in common: everything is `dispatch(options, handler)`, and the other methods are comfort
 * on top of it. Requests need not be sent in the order of the calls.
 *
 * In each pair below the form without a callback returns a promise and rejects with what the other form gives to its
 * callback.
 */
declare class Dispatcher extends EventEmitter {
  /**
   * Queues a request and reports everything about it to `handler`.
   *
   * @returns `false` when the dispatcher is busy now: the request was accepted, and `'drain'` tells when more make sense.
   * @throws InvalidArgumentError, NotSupportedError, ClientClosedError, ClientDestroyedError: to the handler's
   * `onError` or `onResponseError` if it has one, else thrown; nothing is sent in either case.
   */
  dispatch (options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean

  /**
   * Opens a tunnel with CONNECT (RFC 9110 §9.3.6).
   * Any final status opens it here, as in undici: look at `statusCode`.
   * @throws InvalidArgumentError; RequestAbortedError or the signal's reason; the connection's error.
   */
  connect<TOpaque = null> (options: Dispatcher.TunnelOptions<TOpaque>, callback: Callback<Dispatcher.ConnectData<TOpaque>>): void
  connect<TOpaque = null> (options: Dispatcher.TunnelOptions<TOpaque>): Promise<Dispatcher.ConnectData<TOpaque>>

  /**
   * This dispatcher with interceptors before its `dispatch`, the last one outermost; the dispatcher itself stays as it
   * is. Since undici 6.
   *
   * @throws TypeError where an interceptor is no function, or does not return a function of two parameters.
   */
  compose (interceptors: Dispatcher.DispatcherComposeInterceptor[]): Dispatcher.ComposedDispatcher
  compose (...interceptors: Dispatcher.DispatcherComposeInterceptor[]): Dispatcher.ComposedDispatcher

  /**
   * Sends a request and gives back the head and the body as a stream. Read, dump or destroy the body, whatever it is.
   *
   * @throws InvalidArgumentError; RequestAbortedError or the signal's reason; ResponseStatusCodeError with
   * `throwOnError`; HeadersTimeoutError, HTTPParserError, HeadersOverflowError, SocketError and system errors.
   */
  request<TOpaque = null> (options: Dispatcher.RequestOptions<TOpaque>, callback: Callback<Dispatcher.ResponseData<TOpaque>>): void
  request<TOpaque = null> (options: Dispatcher.RequestOptions<TOpaque>): Promise<Dispatcher.ResponseData<TOpaque>>

  /**
   * A `Duplex` for `stream.pipeline`: what is written to it is the request's body, what is read from it is what `handler`
   * returned, usually the response's body.
   * @throws InvalidArgumentError; InvalidReturnValueError (`expected Readable`) as the `'error'` of the duplex.
   */
  pipeline<TOpaque = null> (options: Dispatcher.PipelineOptions<TOpaque>, handler: Dispatcher.PipelineHandler<TOpaque>): Duplex

  /**
   * Sends a request and writes the body to the `Writable` that `factory` returns, without a `Readable` between. Done
   * when the `Writable` has finished.
   * @throws as {@link request}; InvalidReturnValueError (`expected Writable`).
   */
  stream<TOpaque = null> (options: Dispatcher.RequestOptions<TOpaque>, factory: Dispatcher.StreamFactory<TOpaque>, callback: Callback<Dispatcher.StreamData<TOpaque>>): void
  stream<TOpaque = null> (options: Dispatcher.RequestOptions<TOpaque>, factory: Dispatcher.StreamFactory<TOpaque>): Promise<Dispatcher.StreamData<TOpaque>>

  /**
   * Asks for another protocol on the connection (RFC 9110 §7.8).
   * @throws InvalidArgumentError; SocketError (`bad upgrade`) when the answer is not 101; the connection's error.
   */
  upgrade<TOpaque = null> (options: Dispatcher.UpgradeOptions<TOpaque>, callback: Callback<Dispatcher.UpgradeData<TOpaque>>): void
  upgrade<TOpaque = null> (options: Dispatcher.UpgradeOptions<TOpaque>): Promise<Dispatcher.UpgradeData<TOpaque>>

  /**
   * Takes no more requests and is done when those that were accepted have ended.
   * @throws ClientDestroyedError when it was destroyed before.
   */
  close (callback: () => void): void
  close (): Promise<void>

  /**
   * Fails every request, queued or running, with `error` and closes the connections.
   * @param error Default: a `ClientDestroyedError`.
   */
  destroy (error: Error | null, callback: () => void): void
  destroy (callback: () => void): void
  destroy (error: Error | null): Promise<void>
  destroy (): Promise<void>

  on<E extends keyof Dispatcher.Events> (eventName: E, callback: (...args: Dispatcher.Events[E]) => void): this
  once<E extends keyof Dispatcher.Events> (eventName: E, callback: (...args: Dispatcher.Events[E]) => void): this
  off<E extends keyof Dispatcher.Events> (eventName: E, callback: (...args: Dispatcher.Events[E]) => void): this
  addListener<E extends keyof Dispatcher.Events> (eventName: E, callback: (...args: Dispatcher.Events[E]) => void): this
  removeListener<E extends keyof Dispatcher.Events> (eventName: E, callback: (...args: Dispatcher.Events[E]) => void): this
  prependListener<E extends keyof Dispatcher.Events> (eventName: E, callback: (...args: Dispatcher.Events[E]) => void): this
  prependOnceListener<E extends keyof Dispatcher.Events> (eventName: E, callback: (...args: Dispatcher.Events[E]) => void): this
  listeners<E extends keyof Dispatcher.Events> (eventName: E): Array<(...args: Dispatcher.Events[E]) => void>
  rawListeners<E extends keyof Dispatcher.Events> (eventName: E): Array<(...args: Dispatcher.Events[E]) => void>
  emit<E extends keyof Dispatcher.Events> (eventName: E, ...args: Dispatcher.Events[E]): boolean
}

declare namespace Dispatcher {
  /** Parameters of the events. A system error (`ECONNREFUSED`, …) may stand where a `UndiciError` is declared: it has a `code` too. */
  export interface Events {
    /** A connection is open. */
    connect: [origin: URL, targets: readonly Dispatcher[]]
    /** A connection that was open has ended, for the reason that the error gives. */
    disconnect: [origin: URL, targets: readonly Dispatcher[], error: Errors.UndiciError]
    /** A connection could not be opened. */
    connectionError: [origin: URL, targets: readonly Dispatcher[], error: Errors.UndiciError]
    /** The dispatcher was busy and is not any more. */
    drain: [origin: URL]
  }

  export type DispatchController = Controller
  export type DispatchHandler = Handler
  /** The name of undici 5 and 6. */
  export type DispatchHandlers = Handler

  export interface ComposedDispatcher extends Dispatcher {}
  export type Dispatch = Dispatcher['dispatch']
  /** `origin`: that of all requests; null for a dispatcher of several; undefined where each request names its own. */
  export type DispatcherComposeInterceptor = (dispatch: Dispatch, origin?: string | null) => Dispatch
  export interface DispatchInterceptor {
    (dispatch: Dispatch): Dispatch
  }

  /** Any token is a method (RFC 9110 §9.1); the names are for completion. Case matters. */
  export type HttpMethod =
    | 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'CONNECT' | 'OPTIONS' | 'TRACE' | 'PATCH' | 'QUERY'
    | (string & Record<never, never>)

  /** What can be sent. The length is declared where it is known, else the body is chunked (RFC 9112 §7.1). */
  export type RequestBody =
    | string
    | Buffer
    | Uint8Array
    | ArrayBufferView
    | ArrayBuffer
    | Readable
    | BlobLike
    | FormDataLike
    | URLSearchParams
    | Iterable<string | Uint8Array>
    | AsyncIterable<string | Uint8Array>
    | null

  /**
   * Where a request may be aborted from: an `AbortSignal`, also of a polyfill, or an emitter of `'abort'`, or null.
   * Typed loosely because undici 5 to 7 declare `unknown` here.
   */
  export type Signal = any

  /** A wrong value of any of these is an `InvalidArgumentError`, and nothing is sent. */
  export interface DispatchOptions {
    /** Where the request goes. A `Client` has one origin of its own and does not look at it. */
    origin?: string | URL
    /** The request target (RFC 9112 §3.2): begins with `/`, or is an absolute `http:` URL; for CONNECT an authority. */
    path: string
    /** The method. */
    method: HttpMethod
    /** The body. A body on a GET or HEAD is sent, but costs the connection. Default: `null`. */
    body?: RequestBody
    /** The request's fields. Default: `null`. */
    headers?: UndiciHeaders
    /** Appended to `path`, names and values through `encodeURIComponent`; `path` must have no query of its own then. Default: `null`. */
    query?: Record<string, any> | null
    /**
     * Whether sending it twice does no harm (RFC 9110 §9.2.2): such requests are pipelined, and sent again when the one
     * before them broke the connection. Default: `true` for GET, HEAD and QUERY.
     */
    idempotent?: boolean
    /** Whether nothing is pipelined behind it until its head has come. Default: `false`. */
    blocking?: boolean
    /** The IP type-of-service octet, 0 to 255. Checked, and without effect yet. Source: undici 7. */
    typeOfService?: number | null
    /** The protocol to switch to, for `onUpgrade` or `onRequestUpgrade`. Default: `null`. */
    upgrade?: boolean | string | null
    /**
     * Milliseconds from the end of the request to the complete head; `0` waits for ever. Default: the client's, 300000.
     * @throws HeadersTimeoutError
     */
    headersTimeout?: number | null
    /**
     * Milliseconds between two pieces of the body, not counted while paused; `0` waits for ever. Default: the client's, 300000.
     * @throws BodyTimeoutError
     */
    bodyTimeout?: number | null
    /**
     * Milliseconds from the dispatch to the end of the response, or until it is a tunnel, also counted while paused; `0` waits
     * for ever. Default: the client's, 0. undici has no such option.
     * @throws TimeoutError
     */
    timeout?: number | null
    /** Whether `connection: close` is said and meant (RFC 9112 §9.6). Default: `false`. */
    reset?: boolean
    /**
     * Whether a status of 400 or above is an error. Default: `false`. Source: undici 5 and 6.
     * @throws ResponseStatusCodeError
     */
    throwOnError?: boolean
    /**
     * How many redirects are followed. Default: the dispatcher's, 0. Source: undici 5 and 6.
     * @throws InvalidArgumentError for what is no whole number of 0 or more
     */
    maxRedirections?: number
    /** Whether a redirect beyond `maxRedirections` is an error. Default: `false`. @throws MaxRedirectsError */
    throwOnMaxRedirect?: boolean
    /** Names of fields that are not sent on after a redirect. Source: undici 8. */
    stripHeadersOnRedirect?: string[]
    /** Names of fields that are not sent on after a redirect to another origin. Source: undici 8. */
    stripHeadersOnCrossOriginRedirect?: string[]
    /**
     * Whether the body waits for a 100 response: `expect: 100-continue` (RFC 9110 section 10.1.1). It goes after one
     * second without any response. Default: `false`.
     */
    expectContinue?: boolean
  }

  /** `ConnectOptions` for a dispatcher that has an origin of its own. */
  export interface TunnelOptions<TOpaque = any> {
    origin?: string | URL
    /** The authority that the tunnel leads to: `host:port`. */
    path: string
    /** Default: `null`. */
    headers?: UndiciHeaders
    /** Aborts the attempt. Default: `null`. */
    signal?: Signal
    /** Handed through to the result. */
    opaque?: TOpaque
    /** `'raw'`: the result's fields as a flat array of strings. Default: `null`. */
    responseHeaders?: 'raw' | null
    /** @deprecated how undici 6 declares `responseHeaders`; has no effect, as there */
    responseHeader?: 'raw' | null
    /** How many redirects are followed. Default: the dispatcher's, 0. Source: undici 5 and 6. */
    maxRedirections?: number
    /** @deprecated has no effect */
    redirectionLimitReached?: boolean
  }

  export interface ConnectOptions<TOpaque = any> extends TunnelOptions<TOpaque> {
    origin: string | URL
  }

  /** How many octets there were so far, and how many there are: what `content-length` says, null where nothing does. */
  export interface Progress { loaded: number, total: number | null }

  export interface RequestOptions<TOpaque = any> extends DispatchOptions {
    /** Handed through to the result and the factory, so that no closure is needed. Default: `null`. */
    opaque?: TOpaque
    /**
     * Aborts the request, at any time until the body's end. A request that is still queued settles at once.
     * @throws the signal's reason, or RequestAbortedError
     */
    signal?: Signal
    /** Hears every informational response (RFC 9110 §15.2). Default: `null`. */
    onInfo?: ((info: { statusCode: number, headers: Record<string, string | string[]> }) => void) | null
    /** Hears whenever octets of the request's body were handed to the connection. What it throws ends the request. Beyond undici. */
    onUploadProgress?: ((progress: Progress) => void) | null
    /** Hears whenever octets of the response's body were handed to its reader. What it throws ends the request. Beyond undici. */
    onDownloadProgress?: ((progress: Progress) => void) | null
    /** `'raw'`: fields as a flat array of strings, name, value, name, value. Default: `null`. */
    responseHeaders?: 'raw' | null
    /** Bytes that the body's `Readable` holds before it asks for a pause. Default: 65536. */
    highWaterMark?: number
    /** @deprecated how undici 6 declares `responseHeaders`; has no effect, as there */
    responseHeader?: 'raw' | null
    /** @deprecated has no effect */
    redirectionLimitReached?: boolean
  }

  export interface PipelineOptions<TOpaque = any> extends RequestOptions<TOpaque> {
    /** Whether the handler returns a stream of objects. Default: `false`. */
    objectMode?: boolean
  }

  export interface UpgradeOptions<TOpaque = any> {
    origin?: string | URL
    /** The request target. */
    path: string
    /** Default: `'GET'`. */
    method?: string
    /** Default: `null`. */
    headers?: UndiciHeaders
    /** Protocols in order of preference, separated by commas (RFC 9110 §7.8). Default: `'Websocket'`. */
    protocol?: string
    /** Aborts the attempt. Default: `null`. */
    signal?: Signal
    /** Handed through to the result. */
    opaque?: TOpaque
    /** `'raw'`: the result's fields as a flat array of strings. Default: `null`. */
    responseHeaders?: 'raw' | null
    /** @deprecated how undici 6 declares `responseHeaders`; has no effect, as there */
    responseHeader?: 'raw' | null
    /** How many redirects are followed. Default: the dispatcher's, 0. Source: undici 5 and 6. */
    maxRedirections?: number
    /** @deprecated has no effect */
    redirectionLimitReached?: boolean
  }

  export interface ConnectData<TOpaque = any> {
    /** Whatever the peer answered: 200 to 299 means that the tunnel is open (RFC 9110 §9.3.6). */
    statusCode: number
    headers: IncomingHttpHeaders
    /** The tunnel. */
    socket: Duplex
    opaque: TOpaque
  }

  export interface ResponseData<TOpaque = any> {
    statusCode: number
    /** The reason phrase, for people only (RFC 9112 §4). Source: undici 7. */
    statusText: string
    headers: IncomingHttpHeaders
    body: BodyReadable & BodyMixin
    /** Empty at first; filled when the body has emitted `'end'`. */
    trailers: Record<string, string>
    opaque: TOpaque
    /** What the handlers between here and the connection share. */
    context: object
    /** When the steps of the exchange were done so far; null where there was none. Made when it is read; undici has none. */
    readonly timings?: Timings | null
  }

  /** Moments, in microseconds since the dispatch; null where it did not happen, or has not yet. */
  export type Timings = ExchangeTimings

  export interface PipelineHandlerData<TOpaque = any> {
    statusCode: number
    headers: IncomingHttpHeaders
    opaque: TOpaque
    body: BodyReadable
    context: object
  }

  export interface StreamData<TOpaque = any> {
    opaque: TOpaque
    trailers: Record<string, string>
  }

  export interface StreamFactoryData<TOpaque = any> {
    statusCode: number
    headers: IncomingHttpHeaders
    opaque: TOpaque
    context: object
  }

  export interface UpgradeData<TOpaque = any> {
    headers: IncomingHttpHeaders
    /** The connection, in the protocol that was agreed on. */
    socket: Duplex
    opaque: TOpaque
  }

  /** Returns where the body is written to. */
  export type StreamFactory<TOpaque = any> = (data: StreamFactoryData<TOpaque>) => Writable
  /** Returns what the duplex reads from. */
  export type PipelineHandler<TOpaque = any> = (data: PipelineHandlerData<TOpaque>) => Readable

  /** https://fetch.spec.whatwg.org/#body-mixin; the methods are described at `BodyReadable`. */
  export interface BodyMixin {
    readonly body?: any
    readonly bodyUsed: boolean
    arrayBuffer (): Promise<ArrayBuffer>
    blob (): Promise<Blob>
    bytes (): Promise<Uint8Array>
    formData (): Promise<never>
    json (): Promise<unknown>
    text (): Promise<string>
  }
}
