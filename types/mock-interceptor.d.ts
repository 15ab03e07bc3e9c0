// What is intercepted, and what is replied.

import Dispatcher from './dispatcher'
import { IncomingHttpHeaders } from './header'

export { Interceptable, MockInterceptor, MockScope }

/** When a reply comes, and how often. */
declare class MockScope<TData extends object = object> {
  constructor (mockDispatch: MockInterceptor.MockDispatch<TData>)
  /** The reply comes after so many milliseconds. @throws InvalidArgumentError where that is no whole number above 0 */
  delay (waitInMs: number): MockScope<TData>
  /** The reply is given any number of times. */
  persist (): MockScope<TData>
  /** The reply is given so many times, instead of once. @throws InvalidArgumentError where that is no whole number above 0 */
  times (repeatTimes: number): MockScope<TData>
}

/** Takes the replies to requests that are intercepted. */
declare class MockInterceptor {
  constructor (options: MockInterceptor.Options, mockDispatches: Iterable<MockInterceptor.MockDispatch>)
  /** Adds a reply that a function makes, once for each request. An error that it throws fails the request. */
  reply<TData extends object = object> (replyOptionsCallback: MockInterceptor.MockReplyOptionsCallback<TData>): MockScope<TData>
  /**
   * Adds a reply. Its body is octets, a string, an object that becomes JSON, or what a function makes of the request.
   * @throws InvalidArgumentError without a status; where `responseOptions` is no object.
   */
  reply<TData extends object = object> (
    statusCode: number,
    data?: TData | Buffer | string | MockInterceptor.MockResponseDataHandler<TData>,
    responseOptions?: MockInterceptor.MockResponseOptions
  ): MockScope<TData>
  /** Adds a failure: the request hears `error`. @throws InvalidArgumentError without one */
  replyWithError<TError extends Error = Error> (error: TError): MockScope
  /** Headers of all replies that are added from here on; those of a reply win. */
  defaultReplyHeaders (headers: IncomingHttpHeaders): MockInterceptor
  /** Trailers of all replies that are added from here on; those of a reply win. */
  defaultReplyTrailers (trailers: Record<string, string>): MockInterceptor
  /** Replies that are added from here on say their length in a `content-length` field. */
  replyContentLength (): MockInterceptor
}

declare namespace MockInterceptor {
  /** Which requests are intercepted. A function matches by returning `true`. */
  export interface Options {
    path: string | RegExp | ((path: string) => boolean)
    /** A string is compared in upper case. Default: `GET`. */
    method?: string | RegExp | ((method: string) => boolean)
    /** Default: any, or none. */
    body?: string | RegExp | ((body: string) => boolean)
    /** Those that count, by name in any case; a function gets all, lower-cased. Default: any. */
    headers?: Record<string, string | RegExp | ((value: string) => boolean)> | ((headers: Record<string, string>) => boolean)
    /** Added to `path`, which has to be a string then. Default: none. */
    query?: Record<string, any>
    /** Whether a slash at the end of the path does not count. Default: that of the dispatcher. Source: undici 7. */
    ignoreTrailingSlash?: boolean
  }

  /** What was intercepted, and how often. */
  export interface MockDispatch<TData extends object = object, TError extends Error = Error> extends Options {
    times: number | null
    persist: boolean
    consumed: boolean
    data: MockDispatchData<TData, TError>
  }

  export interface MockDispatchData<TData extends object = object, TError extends Error = Error> extends MockResponseOptions {
    error: TError | null
    statusCode?: number
    data?: TData | string
  }

  export interface MockResponseOptions {
    headers?: IncomingHttpHeaders
    trailers?: Record<string, string>
  }

  /** The request, as it was dispatched. */
  export interface MockResponseCallbackOptions {
    path: string
    method: string
    headers?: Headers | Record<string, string>
    origin?: string
    body?: RequestInit['body'] | Dispatcher.DispatchOptions['body'] | null
  }

  /** Makes the body of a reply. What it returns may be promised. */
  export type MockResponseDataHandler<TData extends object = object> = (opts: MockResponseCallbackOptions) => TData | Buffer | string

  export interface MockReplyOptions<TData extends object = object> {
    statusCode: number
    /** Default: no body. */
    data?: TData | Buffer | string | MockResponseDataHandler<TData>
    responseOptions?: MockResponseOptions
  }

  /** Makes a reply. */
  export type MockReplyOptionsCallback<TData extends object = object> = (opts: MockResponseCallbackOptions) =>
    MockReplyOptions<TData> | Promise<MockReplyOptions<TData>>
}

/** A dispatcher on which requests are intercepted: a MockPool or a MockClient. */
interface Interceptable extends Dispatcher {
  /** Says which requests are intercepted. @throws InvalidArgumentError without options, or without a `path` */
  intercept (options: MockInterceptor.Options): MockInterceptor
  /** Forgets all that is intercepted. Source: undici 7. */
  cleanMocks (): void
}
