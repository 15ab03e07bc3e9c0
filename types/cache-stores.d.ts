// The stores for responses. The contract that they keep is `CacheStore`; whether a response may be kept is not said here.

import { EventEmitter } from 'node:events'
import { Readable, Writable } from 'node:stream'

export default CacheStores

export declare namespace CacheStores {
  export type CacheMethods = 'GET' | 'HEAD' | 'OPTIONS' | 'TRACE'

  export interface CacheControlDirectives {
    'max-stale'?: number
    'min-fresh'?: number
    'max-age'?: number
    's-maxage'?: number
    'stale-while-revalidate'?: number
    'stale-if-error'?: number
    public?: true
    private?: true | string[]
    'no-store'?: true
    'no-cache'?: true | string[]
    'must-revalidate'?: true
    'proxy-revalidate'?: true
    immutable?: true
    'no-transform'?: true
    'must-understand'?: true
    'only-if-cached'?: true
  }

  /** What a request is known by. Names of fields are in lower case. */
  export interface CacheKey {
    origin: string
    method: string
    path: string
    headers?: Record<string, string | string[]>
  }

  /** A response without its content. Times are milliseconds since the epoch. */
  export interface CacheValue {
    statusCode: number
    statusMessage: string
    headers: Record<string, string | string[]>
    /** The fields of the request that it was for, of those that it depends on (RFC 9111 section 4.1). */
    vary?: Record<string, string | string[] | null>
    etag?: string
    cacheControlDirectives?: CacheControlDirectives
    cachedAt: number
    staleAt: number
    /** When it is not given any more. */
    deleteAt: number
  }

  export interface GetResult extends Omit<CacheValue, 'cacheControlDirectives'> {
    body?: Readable | Iterable<Buffer> | AsyncIterable<Buffer> | Buffer | Iterable<string> | AsyncIterable<string> | string
    cacheControlDirectives: CacheControlDirectives
  }

  export interface CacheStore {
    get (key: CacheKey): GetResult | Promise<GetResult | undefined> | undefined
    /** Where the content is written to. The response is kept once that has ended. */
    createWriteStream (key: CacheKey, value: CacheValue): Writable | undefined
    /** Forgets the responses to a URL, whatever the method. */
    delete (key: CacheKey): void | Promise<void>
  }

  /** A wrong value of any of these is a TypeError. */
  export interface MemoryCacheStoreOpts {
    /** How many responses. Default: 1024. */
    maxCount?: number
    /** Octets of all contents. Default: 104857600. */
    maxSize?: number
    /** Octets of one content. Default: 5242880. */
    maxEntrySize?: number
  }

  /** Keeps responses in memory. Emits `'maxSizeExceeded'` when some have to go. Source: undici 7. */
  export class MemoryCacheStore extends EventEmitter implements CacheStore {
    constructor (options?: MemoryCacheStoreOpts)
    /** Octets of the contents that are kept. */
    readonly size: number
    /** Whether the next response makes others go. */
    isFull (): boolean
    get (key: CacheKey): GetResult | undefined
    createWriteStream (key: CacheKey, value: CacheValue): Writable
    delete (key: CacheKey): void
  }

  /** A wrong value of any of these is a TypeError. */
  export interface SqliteCacheStoreOpts {
    /** A file. Default: `':memory:'`. */
    location?: string
    /** How many responses. Default: any number. */
    maxCount?: number
    /** Octets of one content. Default, and at most: 2000000000. */
    maxEntrySize?: number
    /** Octets from which a content is compressed, where Node has zstd; text is in any case. Default: 1048576. */
    compressThreshold?: number
  }

  /** Keeps responses in a database that processes may share. Source: undici 7. */
  export class SqliteCacheStore implements CacheStore {
    /** @throws NotSupportedError where Node has no `node:sqlite` */
    constructor (options?: SqliteCacheStoreOpts)
    /** How many responses are kept. */
    readonly size: number
    close (): void
    get (key: CacheKey): GetResult | undefined
    set (key: CacheKey, value: CacheValue & { body: null | Buffer | Buffer[] }): void
    createWriteStream (key: CacheKey, value: CacheValue): Writable
    delete (key: CacheKey): void
  }
}
