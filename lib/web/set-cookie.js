'use strict'

// One `Set-Cookie` line: reading it by RFC 6265bis section 5.6 (as a user agent), writing it by section 4.1 (as a
// server). No Headers are known here.

// RFC 6265bis section 5.6: of name and value together, and of an attribute's value.
const PAIR_LIMIT = 4096
const ATTRIBUTE_LIMIT = 1024

// The latest and the earliest date that there is, in milliseconds.
const TIME_LIMIT = 8640000000000000

// eslint-disable-next-line no-control-regex -- controls are what this is about
const control = /[\x00-\x08\x0a-\x1f\x7f]/

// Splits at the first `character`; null where there is none.
function splitAt (text, character) {
  const at = text.indexOf(character)
  return at === -1 ? null : [text.slice(0, at), text.slice(at + 1)]
}

const sameSites = { none: 'None', strict: 'Strict', lax: 'Lax' }

// Attribute → what it adds to the cookie; undefined: nothing.
const attributes = {
  expires (value) {
    const expires = new Date(value)
    return Number.isNaN(expires.getTime()) ? undefined : { expires }
  },
  'max-age': (value) => /^(\d|-(?=\d))\d*$/.test(value) ? { maxAge: Number(value) } : undefined,
  domain: (value) => ({ domain: value.replace(/^\./, '').toLowerCase() }),
  path: (value) => ({ path: value[0] === '/' ? value : '/' }),
  secure: () => ({ secure: true }),
  httponly: () => ({ httpOnly: true }),
  samesite (value) {
    const known = value.toLowerCase()
    return Object.hasOwn(sameSites, known) ? { sameSite: sameSites[known] } : undefined
  }
}

/**
 * @param {string} line
 * @returns {object|null} the cookie; null where the line is to be ignored
 */
function parseSetCookie (line) {
  if (control.test(line)) {
    return null
  }
  const [pair, ...rest] = line.split(';')
  const [name, value] = (splitAt(pair, '=') ?? ['', pair]).map((part) => part.trim())
  if (name.length + value.length > PAIR_LIMIT) {
    return null
  }
  const cookie = { name, value }
  for (const attribute of rest) {
    const [key, value] = (splitAt(attribute, '=') ?? [attribute, '']).map((part) => part.trim())
    if (value.length > ATTRIBUTE_LIMIT) {
      continue
    }
    const known = key.toLowerCase()
    if (Object.hasOwn(attributes, known)) {
      Object.assign(cookie, attributes[known](value))
    } else {
      cookie.unparsed ??= []
      cookie.unparsed.push(`${key}=${value}`)
    }
  }
  return cookie
}

// What the parts of a cookie have to match.
const grammar = {
  name: /^[!#$%&'*+\-.0-9A-Z^_`a-z|~]*$/,
  value: /^(?:[!#-+\--:<-[\]-~]*|"[!#-+\--:<-[\]-~]*")$/,
  path: /^[\x20-:<-~]*$/,
  // RFC 1034 section 3.5, with labels that may begin with a digit (RFC 1123 section 2.1).
  domain: /^(?: |(?=.{1,255}$)[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?(?:\.[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?)*)$/
}

function assertPart (part, text) {
  if (!grammar[part].test(text)) {
    throw new Error(`Invalid cookie ${part}`)
  }
}

function isTime (value) {
  return Number.isFinite(value) && Math.abs(value) <= TIME_LIMIT
}

/**
 * @param {object} cookie with all its members in their types
 * @returns {string|null} null: a cookie without a name is none
 * @throws {Error} a part that no cookie can have
 */
function serializeCookie (cookie) {
  const { name, value, httpOnly, maxAge, sameSite } = cookie
  if (name.length === 0) {
    return null
  }
  const isHost = name.startsWith('__Host-')
  const secure = cookie.secure || isHost || name.startsWith('__Secure-')
  const domain = isHost ? null : cookie.domain
  const path = isHost ? '/' : cookie.path

  assertPart('name', name)
  assertPart('value', value)
  const parts = [`${name}=${value}`]
  if (secure) {
    parts.push('Secure')
  }
  if (httpOnly) {
    parts.push('HttpOnly')
  }
  if (maxAge != null) {
    if (maxAge < 0) {
      throw new Error('Invalid cookie max-age')
    }
    parts.push(`Max-Age=${maxAge}`)
  }
  if (domain) {
    assertPart('domain', domain)
    parts.push(`Domain=${domain}`)
  }
  if (path) {
    assertPart('path', path)
    parts.push(`Path=${path}`)
  }
  if (cookie.expires != null && isTime(Number(cookie.expires))) {
    parts.push(`Expires=${new Date(cookie.expires).toUTCString()}`)
  }
  if (sameSite) {
    parts.push(`SameSite=${sameSite}`)
  }
  for (const part of cookie.unparsed) {
    const pair = splitAt(part, '=')
    if (pair === null) {
      throw new Error('Invalid unparsed')
    }
    const key = pair[0].trim()
    assertPart('name', key)
    assertPart('value', pair[1])
    parts.push(`${key}=${pair[1]}`)
  }
  return parts.join('; ')
}

module.exports = { parseSetCookie, serializeCookie }
