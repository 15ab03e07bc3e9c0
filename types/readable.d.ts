// The body of a response. How the response was asked for is in dispatcher.d.ts.

import { Blob } from 'node:buffer'
import { Readable } from 'node:stream'

export default BodyReadable

/**
 * The body of a response: a Node `Readable` with the body mixin of the Fetch standard.
 *
 * A body is consumed once, by one consumer: a second one (a mixin method after another one, or after `'data'` was
 * listened to) rejects with a `TypeError`. A body that nobody wants must still be read, dumped or destroyed, for it
 * holds its connection. Destroying it before its end aborts the request: the error is the one that was given to
 * `destroy`, or a `RequestAbortedError`.
 *
 * Source: undici 8; https://fetch.spec.whatwg.org/#body-mixin.
 */
declare class BodyReadable extends Readable {
  constructor (options: {
    resume: (this: Readable, size: number) => void | null
    abort: () => void | null
    contentType?: string
    contentLength?: number
    highWaterMark?: number
  })
  /** @deprecated the form of undici 5 and 6 */
  constructor (
    resume?: (this: Readable, size: number) => void | null,
    abort?: () => void | null,
    contentType?: string
  )

  /**
   * Reads the body to its end as UTF-8; a leading byte order mark is left out.
   * @throws TypeError when the body was consumed before; the request's error when it fails.
   */
  text (): Promise<string>

  /**
   * Reads the body to its end and parses it as JSON.
   * @throws SyntaxError when it is not JSON, also when it is empty; else as {@link text}.
   */
  json (): Promise<unknown>

  /**
   * Reads the body to its end into a `Blob` whose `type` is the response's `content-type`.
   * @throws as {@link text}.
   */
  blob (): Promise<Blob>

  /**
   * Reads the body to its end into one `Uint8Array`.
   * @throws as {@link text}. Since undici 6.
   */
  bytes (): Promise<Uint8Array>

  /**
   * Reads the body to its end into one `ArrayBuffer`.
   * @throws as {@link text}.
   */
  arrayBuffer (): Promise<ArrayBuffer>

  /**
   * Not implemented, as in undici.
   * @throws NotSupportedError always.
   */
  formData (): Promise<never>

  /** Whether anything was read from the body, by a mixin method or as a stream. */
  readonly bodyUsed: boolean

  /**
   * The body as a web `ReadableStream`, made at the first access; the stream is then the one consumer.
   * It has no narrower type so that it fits the type that undici declares, which is `undefined`.
   */
  readonly body: any

  /**
   * Reads and forgets the rest, so that the connection can be used again. A body known to be longer than `limit`, or
   * found to be longer, is destroyed together with its connection instead.
   *
   * @param options.limit how many bytes are worth reading. Default: 262144.
   * @param options.signal ends the wait early.
   * @throws InvalidArgumentError (`signal must be an AbortSignal`), or the signal's reason.
   */
  dump (options?: { limit: number, signal?: AbortSignal }): Promise<void>
}
