// `caches`: responses by the requests that they are for, in memory. In the terms of the Service Worker standard.

import { Request, RequestInfo, Response } from './fetch'

export interface CacheQueryOptions {
  /** Whether requests are the same whose URLs differ in their queries alone. Default: `false`. */
  ignoreSearch?: boolean
  /** Whether a request with another method than GET finds what is kept for GET. Default: `false`. */
  ignoreMethod?: boolean
  /** Whether a `vary` field of a response does not matter. Default: `false`. */
  ignoreVary?: boolean
}

export interface MultiCacheQueryOptions extends CacheQueryOptions {
  /** The one cache that is looked into. Default: all. */
  cacheName?: string
}

/** Errors are rejections. @throws TypeError for what is no request, and for what cannot be kept */
export interface Cache {
  match (request: RequestInfo, options?: CacheQueryOptions): Promise<Response | undefined>
  matchAll (request?: RequestInfo, options?: CacheQueryOptions): Promise<readonly Response[]>
  add (request: RequestInfo): Promise<undefined>
  /** Keeps all or nothing. @throws DOMException (InvalidStateError) where two of them are the same */
  addAll (requests: RequestInfo[]): Promise<undefined>
  /** Reads the response to its end. */
  put (request: RequestInfo, response: Response): Promise<undefined>
  /** Whether there was one. */
  delete (request: RequestInfo, options?: CacheQueryOptions): Promise<boolean>
  keys (request?: RequestInfo, options?: CacheQueryOptions): Promise<readonly Request[]>
}

export interface CacheStorage {
  match (request: RequestInfo, options?: MultiCacheQueryOptions): Promise<Response | undefined>
  has (cacheName: string): Promise<boolean>
  open (cacheName: string): Promise<Cache>
  delete (cacheName: string): Promise<boolean>
  keys (): Promise<string[]>
}

declare const CacheStorage: {
  prototype: CacheStorage
  /** @throws TypeError: there is one, `caches` */
  new(): CacheStorage
}

export declare const caches: CacheStorage
