// Header fields as programs write and read them. No request or response shape lives here.

/**
 * Fields of a response. Names are lower case; a field that came once is a string, a repeated one an array in the
 * order of arrival. With `responseHeaders: 'raw'` the value is a flat array instead (see `Dispatcher.RequestOptions`).
 *
 * Source: undici 5 to 8; RFC 9110 §5.1 (names are case-insensitive), §5.2 (repeated fields).
 */
export type IncomingHttpHeaders = Record<string, string | string[] | undefined>

/**
 * Fields of a request. Order and case are kept on the wire. A number is written in decimal, an array as one line for
 * each item, `undefined` leaves the field out.
 *
 * Source: undici 8 (`number` since then).
 */
export type OutgoingHttpHeaders = Record<string, number | string | string[] | undefined>

/**
 * Every form in which request fields may be given: an object, a flat array `[name, value, name, value]`, anything
 * that iterates over pairs (`Map`, `Headers`, an array of entries), or nothing.
 *
 * An odd array, an invalid name or value (RFC 9110 §5.5, §5.6.2), a second `host` or `content-length`, and the fields
 * that belong to the connection (`transfer-encoding`, `keep-alive`, `upgrade`) are an `InvalidArgumentError`;
 * `expect` is a `NotSupportedError`. Nothing has been sent then.
 *
 * Source: undici 8.
 */
export type UndiciHeaders =
  | OutgoingHttpHeaders
  | string[]
  | Iterable<[string, string | string[] | undefined]>
  | null
