// The RetryHandler, and when it makes another attempt. The agent that uses it is in retry-agent.d.ts.

import Dispatcher from './dispatcher'

export default RetryHandler

/** A handler that sends a failed request again, and tells another one of one request. Source: undici 5. */
export declare class RetryHandler implements Dispatcher.DispatchHandler {
  constructor (
    options: Dispatcher.DispatchOptions & { retryOptions?: RetryHandler.RetryOptions },
    parts: RetryHandler.RetryHandlers
  )
}

export declare namespace RetryHandler {
  /** How many attempts were made. */
  export interface RetryState { counter: number }

  export interface RetryContext {
    state: RetryState
    opts: Dispatcher.DispatchOptions & { retryOptions?: RetryOptions }
  }

  /** With an error to give up with, or nothing to go on. */
  export type OnRetryCallback = (result?: Error | null) => void

  export type RetryCallback = (error: Error, context: RetryContext, callback: OnRetryCallback) => void

  export interface RetryOptions {
    /**
     * Whether a status that stays is an error; else it is the response then. Default: `true`.
     * @throws RequestRetryError
     */
    throwOnError?: boolean
    /** Decides in place of all below. A timer that it returns is cleared when the request is aborted. */
    retry?: RetryCallback
    /** Default: 5. */
    maxRetries?: number
    /** Milliseconds between two attempts, at most. Default: 30000. */
    maxTimeout?: number
    /** Milliseconds before the first attempt that repeats one. Default: 500. */
    minTimeout?: number
    /** By which the time grows with each attempt. Default: 2. */
    timeoutFactor?: number
    /** Whether the field `retry-after` (RFC 9110 section 10.2.3) says when. Default: `true`. */
    retryAfter?: boolean
    /** Default: GET, HEAD, OPTIONS, PUT, DELETE, TRACE, QUERY. */
    methods?: Dispatcher.HttpMethod[]
    /** Default: ECONNRESET, ECONNREFUSED, ENOTFOUND, ENETDOWN, ENETUNREACH, EHOSTDOWN, EHOSTUNREACH, EPIPE, UND_ERR_SOCKET. */
    errorCodes?: string[]
    /** Default: 500, 502, 503, 504, 429. */
    statusCodes?: number[]
  }

  export interface RetryHandlers {
    dispatch: Dispatcher['dispatch']
    /** Of either generation. */
    handler: Dispatcher.DispatchHandler
  }
}
