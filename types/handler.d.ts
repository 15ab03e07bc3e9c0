// The two generations of handlers that `dispatch` calls. Programs know them as `Dispatcher.DispatchHandler` and
// `Dispatcher.DispatchController`.

import { Duplex } from 'node:stream'
import { IncomingHttpHeaders } from './header'

/**
 * When the steps of an exchange were done: moments, in microseconds since its dispatch, by a clock that only goes forward;
 * null where it did not happen, or has not yet.
 */
export interface ExchangeTimings {
  /** It no longer waited: an open connection took it, or one began to be opened for it. */
  queued: number | null
  /** The name was resolved; null on a reused connection, and for an address. */
  dns: number | null
  /** The connection was there; null on a reused one. */
  connect: number | null
  /** TLS was ready; null on a reused connection, and without TLS. */
  tls: number | null
  /** The request was given to the system. */
  requestSent: number | null
  /** The first octet of the response, or of an informational one before it, came. */
  firstByte: number | null
  /** The response was complete, or the tunnel was there. */
  end: number | null
}

/**
 * The second generation's hand on a running request. The first generation has `abort` of `onConnect`, `resume` of
 * `onHeaders` and the return value `false` instead.
 *
 * Source: undici 7.
 */
export interface DispatchController {
  /** Whether {@link abort} was called. */
  readonly aborted: boolean
  /** Whether the response is paused. */
  readonly paused: boolean
  /** What {@link abort} was called with, or null. */
  readonly reason: Error | null
  /** The fields of the latest head as they came: name, value, name, value. Null before the first head. */
  rawHeaders?: Buffer[] | string[] | IncomingHttpHeaders | null
  /** The trailers as they came. Null before the end. */
  rawTrailers?: Buffer[] | string[] | IncomingHttpHeaders | null
  /** When the steps of the exchange were done so far; null where there was none. Undici has none. */
  readonly timings?: ExchangeTimings | null

  /**
   * Ends the request. `onResponseError` hears the reason, at most once; a call after the end does nothing. Before the
   * request was written nothing is sent; afterwards the connection is closed.
   */
  abort (reason: Error): void

  /** Holds `onResponseData` and, once the window is full, the peer. The body timer stands still meanwhile. */
  pause (): void

  /** Undoes {@link pause}. May be called at any time and any number of times. */
  resume (): void
}

/**
 * What `dispatch` reports to. A handler that has a function `onRequestStart` is of the second generation, and of
 * the methods below only those with a controller and the three without a generation are called; any other
 * object is of the first one. A method that throws aborts its own request and nothing else.
 *
 * Source: the first generation undici 5 to 7, the second one undici 7 and 8.
 */
export interface DispatchHandler {
  /**
   * A connection is there and nothing of the request was written: on an open connection this is heard at once,
   * within `dispatch`. It is heard again when the request is sent again after the one before it broke the connection.
   * Aborting here sends nothing.
   */
  onRequestStart?(controller: DispatchController, context: any): void
  /** The peer switched protocols (101), or accepted a CONNECT (2xx). The socket is the handler's own now. */
  onRequestUpgrade?(controller: DispatchController, statusCode: number, headers: IncomingHttpHeaders, socket: Duplex): void
  /** A head came; once for each informational response (1xx) and once for the final one. */
  onResponseStart?(controller: DispatchController, statusCode: number, headers: IncomingHttpHeaders, statusMessage?: string): void
  /** A piece of the body came. The handler may keep the buffer. */
  onResponseData?(controller: DispatchController, chunk: Buffer): void
  /** The response is complete. Nothing follows. */
  onResponseEnd?(controller: DispatchController, trailers: IncomingHttpHeaders): void
  /** The request failed or was aborted. Nothing follows. The controller is null if the request never began. */
  onResponseError?(controller: DispatchController, error: Error): void

  /** The first octet of the response came. */
  onResponseStarted?(): void
  /**
   * A piece of the request's body was handed to the connection: every chunk of a stream or iterable, else the body once.
   * @param chunk a `string`, `Buffer` or `Uint8Array`; typed loosely because undici 5 to 7 declare two numbers here.
   * @param totalBytesSent never given; only for programs that declare it.
   */
  onBodySent?(chunk: any, totalBytesSent?: any): void
  /** The request is completely written. Source: undici 8. */
  onRequestSent?(): void

  /** First generation of {@link onRequestStart}. */
  onConnect?(abort: (error?: Error) => void, context?: any): void
  /** First generation of {@link onResponseError}. Must not throw. */
  onError?(error: Error): void
  /** First generation of {@link onRequestUpgrade}. The fields are `Buffer[]`: name, value, name, value. */
  onUpgrade?(statusCode: number, headers: Buffer[] | string[] | null, socket: Duplex): void
  /**
   * First generation of {@link onResponseStart}. `false` pauses the response until `resume` is called.
   * @param headers name, value, name, value.
   */
  onHeaders?(statusCode: number, headers: Buffer[], resume: () => void, statusText: string): boolean
  /** First generation of {@link onResponseData}. `false` pauses the response until `resume` of `onHeaders` is called. */
  onData?(chunk: Buffer): boolean
  /**
   * First generation of {@link onResponseEnd}.
   * @param trailers `Buffer[]`: name, value, name, value; typed loosely because undici declares `string[]` here.
   */
  onComplete?(trailers: any[] | null): void
}
