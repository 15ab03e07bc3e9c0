// fetch and the classes of the Fetch standard. They are Node's own, and so are their types; what is declared here is
// what this package adds: the dispatcher of a call.

import { Blob, File as NodeFile } from 'node:buffer'
import Dispatcher from './dispatcher'

export type Headers = globalThis.Headers
export const Headers: typeof globalThis.Headers
export type Request = globalThis.Request
export const Request: {
  prototype: Request
  new (input: RequestInfo, init?: RequestInit): Request
}
export type Response = globalThis.Response
export const Response: typeof globalThis.Response
export type FormData = globalThis.FormData
export const FormData: typeof globalThis.FormData
export type File = InstanceType<typeof NodeFile>
export const File: typeof NodeFile

/** Reads a Blob with events. Source: the File API; undici 5 and 6. */
export declare class FileReader extends EventTarget {
  static readonly EMPTY: 0
  static readonly LOADING: 1
  static readonly DONE: 2
  readonly EMPTY: 0
  readonly LOADING: 1
  readonly DONE: 2
  /** @throws TypeError for what is no Blob; DOMException `InvalidStateError` while another is read; so do the other three. */
  readAsArrayBuffer (blob: Blob): void
  readAsBinaryString (blob: Blob): void
  /** @param encoding Default: that of the type of the Blob, else UTF-8. A byte order mark wins over both. */
  readAsText (blob: Blob, encoding?: string): void
  readAsDataURL (blob: Blob): void
  abort (): void
  readonly readyState: 0 | 1 | 2
  readonly result: string | ArrayBuffer | null
  readonly error: Error | null
  onloadstart: ((this: FileReader, event: Event) => any) | null
  onprogress: ((this: FileReader, event: Event) => any) | null
  onload: ((this: FileReader, event: Event) => any) | null
  onabort: ((this: FileReader, event: Event) => any) | null
  onerror: ((this: FileReader, event: Event) => any) | null
  onloadend: ((this: FileReader, event: Event) => any) | null
}

export type RequestInfo = string | URL | globalThis.Request
export type HeadersInit = ConstructorParameters<typeof globalThis.Headers>[0]
export type BodyInit = ConstructorParameters<typeof globalThis.Response>[0]
export interface ResponseInit {
  readonly status?: number
  readonly statusText?: string
  readonly headers?: HeadersInit
}
/** What a Request and a Response have in common. */
export type BodyMixin = Pick<globalThis.Response, 'body' | 'bodyUsed' | 'arrayBuffer' | 'blob' | 'formData' | 'json' | 'text'>
export type FormDataEntryValue = string | File

// The values of members, by the names that the standard and undici have for them.
export type RequestCache = 'default' | 'force-cache' | 'no-cache' | 'no-store' | 'only-if-cached' | 'reload'
export type RequestCredentials = 'omit' | 'include' | 'same-origin'
export type RequestDestination = '' | 'audio' | 'audioworklet' | 'document' | 'embed' | 'font' | 'image' | 'manifest' | 'object' |
  'paintworklet' | 'report' | 'script' | 'sharedworker' | 'style' | 'track' | 'video' | 'worker' | 'xslt'
export type RequestDuplex = 'half'
export type RequestMode = 'cors' | 'navigate' | 'no-cors' | 'same-origin'
export type RequestRedirect = 'error' | 'follow' | 'manual'
export type ReferrerPolicy = '' | 'no-referrer' | 'no-referrer-when-downgrade' | 'origin' | 'origin-when-cross-origin' |
  'same-origin' | 'strict-origin' | 'strict-origin-when-cross-origin' | 'unsafe-url'
export type ResponseType = 'basic' | 'cors' | 'default' | 'error' | 'opaque' | 'opaqueredirect'
export type ResponseRedirectStatus = 301 | 302 | 303 | 307 | 308

/** What the classes of the standard are iterated with, by undici's names. */
export interface SpecIterator<T, TReturn = any, TNext = undefined> {
  next (...args: [] | [TNext]): IteratorResult<T, TReturn>
}
export interface SpecIterableIterator<T> extends SpecIterator<T> {
  [Symbol.iterator] (): SpecIterableIterator<T>
}
export type SpecIteratorObject<T, TReturn = undefined, TNext = unknown> = SpecIterator<T, TReturn, TNext> & SpecIterable<T>
export interface SpecIterable<T> {
  [Symbol.iterator] (): SpecIterator<T>
}

/** The options of a call of fetch. */
export interface RequestInit extends Omit<globalThis.RequestInit, 'dispatcher'> {
  /** Who sends the request. Default: the one of the Request, else `getGlobalDispatcher()`. */
  dispatcher?: Dispatcher
  /** Has to be said where the body is a stream. */
  duplex?: 'half'
}

/**
 * Node's own fetch, over a dispatcher of this package.
 *
 * @throws TypeError (`fetch failed`, with the dispatcher's error as its `cause`); the signal's reason.
 * Source: the Fetch standard; undici 5 to 8.
 */
export declare function fetch (input: RequestInfo, init?: RequestInit): Promise<globalThis.Response>

/**
 * Says what relative URLs are resolved against, for every copy of undici in the process; `undefined`: they are refused.
 *
 * @throws TypeError where it is no http or https URL. Source: undici 5.
 */
export declare function setGlobalOrigin (origin: string | URL | undefined): void

/** What was set last. Source: undici 5. */
export declare function getGlobalOrigin (): URL | undefined

/**
 * Sets `fetch` and the classes of this package on an object. What this Node.js lacks is left out.
 * @param target Default: `globalThis`. Source: undici 7.
 */
export declare function install (target?: object): void
