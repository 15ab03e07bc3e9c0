// The shapes of forms and blobs that can be sent as bodies. The classes themselves are the platform's.

import { Blob } from 'node:buffer'

/** A field of a form: text, or a file with a name. */
export type FormDataEntryValue = string | (Blob & { readonly name: string })

/**
 * Any implementation of the `FormData` of the XMLHttpRequest standard: Node's global one and the one of `undici` fit.
 * Sent as `multipart/form-data` (RFC 7578) with a boundary that is new for each request.
 */
export interface FormDataLike {
  append (name: string, value: any, fileName?: string): void
  delete (name: string): void
  get (name: string): any
  getAll (name: string): any[]
  has (name: string): boolean
  set (name: string, value: any, fileName?: string): void
  readonly [Symbol.toStringTag]?: string
}

/** Any `Blob` or `File`: Node's and the browser's declarations fit. Its `type` becomes the `content-type` unless there is one. */
export interface BlobLike {
  readonly size: number
  readonly type: string
  arrayBuffer (): Promise<ArrayBuffer>
  stream (): any
}
