// The interceptors, for `compose`. Each is a function of its options.

import { LookupOptions } from 'node:dns'
import { URL } from 'node:url'
import CacheStores from './cache-stores'
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

  export interface DecompressInterceptorOpts {
    /** Whether responses with a status of 400 or above stay as they are. Default: `true`. */
    skipErrorResponses?: boolean
    /** Statuses whose responses stay as they are. Default: 204, 304. */
    skipStatusCodes?: number[]
    /**
     * Octets of each layer, decoded, at most; 0: any number. Default: 0.
     * @throws InvalidArgumentError; ResponseExceededMaxSizeError as the end of a response
     */
    maxSize?: number
  }

  /** An address of a name; `ttl`: for how many milliseconds it may be kept. */
  export interface DNSInterceptorRecord { address: string, ttl: number, family: 4 | 6 }
  export interface DNSInterceptorOriginRecords {
    records: { 4: { ips: DNSInterceptorRecord[] } | null, 6: { ips: DNSInterceptorRecord[] } | null }
  }
  /** Where addresses are kept, by name. `ttl`: the shortest of them, in milliseconds. */
  export interface DNSStorage {
    size: number
    get (origin: string): DNSInterceptorOriginRecords | null
    set (origin: string, records: DNSInterceptorOriginRecords | null, options: { ttl: number }): void
    delete (origin: string): void
    /** Whether no more names are to be looked up. */
    full (): boolean
  }
  export interface DNSInterceptorOpts {
    /** Milliseconds that an address is kept at most. Default: 10000. */
    maxTTL?: number
    /** How many names are kept; others are not looked up here. Default: any number. */
    maxItems?: number
    /** Default: `dns.lookup`. */
    lookup?: (origin: URL, options: LookupOptions, callback: (error: NodeJS.ErrnoException | null, addresses: DNSInterceptorRecord[]) => void) => void
    /** Whose turn it is. Default: one after the other, the families in turn. */
    pick?: (origin: URL, records: DNSInterceptorOriginRecords, affinity: 4 | 6) => DNSInterceptorRecord
    /** Whether addresses of both families are used, the other one also when a connection is refused. Default: `true`. */
    dualStack?: boolean
    /** The family that is preferred, and the only one without `dualStack`. Default: none; 4 without `dualStack`. */
    affinity?: 4 | 6
    storage?: DNSStorage
  }

  export type DeduplicateMethods = 'GET' | 'HEAD' | 'OPTIONS' | 'TRACE'
  /** A wrong value is a TypeError. */
  export interface DeduplicateInterceptorOpts {
    /** Default: GET. */
    methods?: DeduplicateMethods[]
    /** Names of fields; a request with one of them goes alone. Default: none. */
    skipHeaderNames?: string[]
    /** Names of fields that equal requests may differ in. Default: none. */
    excludeHeaderNames?: string[]
    /** Octets that are kept for one that pauses; it fails beyond them. Default: 5242880. @throws RequestAbortedError */
    maxBufferSize?: number
  }

  /** A wrong value is a TypeError. */
  export interface CacheInterceptorOpts {
    /** Where responses are kept. Default: a new `MemoryCacheStore`. */
    store?: CacheStores.CacheStore
    /** Default: GET. */
    methods?: CacheStores.CacheMethods[]
    /** Milliseconds for which a response is fresh that does not say for how long. Default: it is not kept. */
    cacheByDefault?: number
    /** Whether several users have the responses, or one. Default: `'shared'`. */
    type?: 'shared' | 'private'
    /** The origins whose responses are kept; texts whatever their case. Default: any. */
    origins?: (string | RegExp)[]
  }

  /** What `cookies` wants of a jar: the CookieJar of tough-cookie has it. */
  export interface CookieJar {
    getCookieString (url: string): Promise<string> | string
    setCookie (cookie: string, url: string, options: { ignoreError: boolean }): unknown
  }
  export interface CookiesInterceptorOpts {
    /** Whose cookies are sent, and where those are kept that responses set. @throws InvalidArgumentError where it is none */
    jar: CookieJar
  }

  /** No undici has it. */
  export function cookies (options: CookiesInterceptorOpts): Dispatcher.DispatcherComposeInterceptor
  /** Source: undici 7. */
  export function cache (options?: CacheInterceptorOpts): Dispatcher.DispatcherComposeInterceptor
  export function dns (options?: DNSInterceptorOpts): Dispatcher.DispatcherComposeInterceptor
  export function deduplicate (options?: DeduplicateInterceptorOpts): Dispatcher.DispatcherComposeInterceptor
  export function decompress (options?: DecompressInterceptorOpts): Dispatcher.DispatcherComposeInterceptor
  export function dump (options?: DumpInterceptorOpts): Dispatcher.DispatcherComposeInterceptor
  export function retry (options?: RetryInterceptorOpts): Dispatcher.DispatcherComposeInterceptor
  export function redirect (options?: RedirectInterceptorOpts): Dispatcher.DispatcherComposeInterceptor
  export function responseError (options?: ResponseErrorInterceptorOpts): Dispatcher.DispatcherComposeInterceptor
}
