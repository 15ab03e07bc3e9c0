// Cookies in Headers.

/** A cookie as a server sets it (RFC 6265bis). */
export interface Cookie {
  name: string
  value: string
  /** When it ends; a number is in milliseconds since 1970. */
  expires?: Date | number
  /** After how many seconds it ends. */
  maxAge?: number
  domain?: string
  path?: string
  secure?: boolean
  httpOnly?: boolean
  sameSite?: 'Strict' | 'Lax' | 'None'
  /** Other attributes, as `name=value`. */
  unparsed?: string[]
}

/** Any Headers: Node's own and those of any undici. */
interface CookieHeaders {
  get (name: string): string | null
  append (name: string, value: string): void
  getSetCookie (): string[]
}

/** The cookies of a request. The object has no prototype. */
export declare function getCookies (headers: CookieHeaders): Record<string, string>
/** The cookies that a response sets; null for a line that is to be ignored. */
export declare function getSetCookies (headers: CookieHeaders): Cookie[]
/** Appends a `set-cookie` field. @throws TypeError a member of a wrong type; Error a member that no cookie can have. */
export declare function setCookie (headers: CookieHeaders, cookie: Cookie): void
/** Appends a `set-cookie` field that makes a client drop the cookie. */
export declare function deleteCookie (headers: CookieHeaders, name: string, attributes?: { path?: string, domain?: string }): void
/** Reads the value of one `set-cookie` field; null where it is to be ignored. Source: undici 7. */
export declare function parseCookie (cookie: string): Cookie | null
