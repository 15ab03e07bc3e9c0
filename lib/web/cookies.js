'use strict'

// Cookies of a Headers object: what servers and clients of the fetch API read and write. The grammar is elsewhere.

const { assertCount, illegalInvocation, integer, string, strings } = require('./idl')
const { parseSetCookie, serializeCookie } = require('./set-cookie')

// Headers of any package; all of them say so.
function assertHeaders (headers) {
  if (Object.prototype.toString.call(headers) !== '[object Headers]') {
    throw illegalInvocation()
  }
}

function sameSite (value) {
  const text = string(value)
  if (!['Strict', 'Lax', 'None'].includes(text)) {
    throw new TypeError(`${text} is not one of Strict, Lax, None`)
  }
  return text
}

const orNull = (convert) => (value) => value === null ? null : convert(value)

// The members of a cookie: what each is made into where it is given, and what it is where it is not.
const members = {
  name: [string],
  value: [string],
  expires: [orNull((value) => typeof value === 'number' ? integer(value) : new Date(value)), null],
  maxAge: [orNull(integer), null],
  domain: [orNull(string), null],
  path: [orNull(string), null],
  secure: [orNull(Boolean), null],
  httpOnly: [orNull(Boolean), null],
  sameSite: [sameSite],
  unparsed: [strings, []]
}

const required = new Set(['name', 'value'])

function pick (given, names) {
  if (given != null && typeof given !== 'object' && typeof given !== 'function') {
    throw new TypeError(`${typeof given} is no object`)
  }
  const result = {}
  for (const name of names) {
    const [convert, fallback] = members[name]
    const value = given?.[name]
    if (value === undefined && required.has(name)) {
      throw new TypeError(`a cookie needs a ${name}`)
    }
    result[name] = value === undefined ? fallback : convert(value)
  }
  return result
}

/**
 * @param {Headers} headers of a request
 * @returns {Record<string, string>} the cookies of its `cookie` field
 */
function getCookies (headers) {
  assertCount('getCookies', arguments, 1)
  assertHeaders(headers)
  // No prototype: a cookie may have any name.
  const cookies = { __proto__: null }
  const field = headers.get('cookie')
  for (const piece of field ? field.split(';') : []) {
    const [name, ...value] = piece.split('=')
    cookies[name.trim()] = value.join('=')
  }
  return cookies
}

/**
 * @param {Headers} headers of a response
 * @returns {Array<object|null>} a cookie for each `set-cookie` field, null for one that is to be ignored
 */
function getSetCookies (headers) {
  assertCount('getSetCookies', arguments, 1)
  assertHeaders(headers)
  return headers.getSetCookie().map(parseSetCookie)
}

/**
 * @param {string} cookie the value of a `set-cookie` field
 * @returns {object|null}
 */
function parseCookie (cookie) {
  return parseSetCookie(string(cookie))
}

/**
 * Appends a `set-cookie` field.
 *
 * @param {Headers} headers of a response
 * @param {object} cookie
 * @throws {TypeError} a member of a wrong type
 * @throws {Error} a member that no cookie can have
 */
function setCookie (headers, cookie) {
  assertCount('setCookie', arguments, 2)
  assertHeaders(headers)
  const line = serializeCookie(pick(cookie, Object.keys(members)))
  if (line !== null) {
    headers.append('set-cookie', line)
  }
}

/**
 * Appends a `set-cookie` field that makes a client drop the cookie.
 *
 * @param {Headers} headers of a response
 * @param {string} name
 * @param {{ path?: string, domain?: string }} [attributes] those that the cookie was set with
 */
function deleteCookie (headers, name, attributes) {
  assertHeaders(headers)
  assertCount('deleteCookie', arguments, 2)
  setCookie(headers, { name: string(name), value: '', expires: new Date(0), ...pick(attributes, ['path', 'domain']) })
}

module.exports = { getCookies, getSetCookies, parseCookie, setCookie, deleteCookie }
