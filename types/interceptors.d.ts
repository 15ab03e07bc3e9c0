// The interceptors, for `compose`. Each is a function of its options.

import Dispatcher from './dispatcher'
import RetryHandler from './retry-handler'

export default Interceptors

export declare namespace Interceptors {
  export interface DumpInterceptorOpts {
    /** Octets of a content, at most; a larger one is aborted. Default: 1048576. */
    maxSize?: number
  }

  export type RetryInterceptorOpts = RetryHandler.RetryOptions

  export interface RedirectInterceptorOpts {
    /** How many redirects are followed. Default: none. A request may have its own. */
    maxRedirections?: number
    /** Whether a redirect beyond that is an error. Default: `false`. @throws MaxRedirectsError */
    throwOnMaxRedirect?: boolean
    /** Names of fields that are not sent on. Source: undici 8. */
    stripHeadersOnRedirect?: string[]
    /** Names of fields that are not sent on to another origin; credentials never are. Source: undici 8. */
    stripHeadersOnCrossOriginRedirect?: string[]
  }

  export interface ResponseErrorInterceptorOpts {
    /** @deprecated the interceptor always throws, as that of undici 8 */
    throwOnError?: boolean
    /** Octets of a content that the error has, at most; 0: all. Default: 1048576. @throws InvalidArgumentError */
    maxSize?: number
  }

  export function dump (options?: DumpInterceptorOpts): Dispatcher.DispatcherComposeInterceptor
  export function retry (options?: RetryInterceptorOpts): Dispatcher.DispatcherComposeInterceptor
  export function redirect (options?: RedirectInterceptorOpts): Dispatcher.DispatcherComposeInterceptor
  export function responseError (options?: ResponseErrorInterceptorOpts): Dispatcher.DispatcherComposeInterceptor
}
