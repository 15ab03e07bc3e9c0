// What is exported as `util`.

export declare namespace util {
  /** A field name in lower case. */
  export function headerNameToString (value: string | Buffer): string
  /** A flat list of names and values as an object; a name that comes again has an array. */
  export function parseHeaders (headers: Array<Buffer | string | Array<Buffer | string>>, object?: Record<string, string | string[]>): Record<string, string | string[]>
}
