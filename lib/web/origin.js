'use strict'

// The origin that relative URLs of fetch are resolved against. It is shared with every copy of undici in the process,
// Node.js's own among them, which is where our fetch looks it up.

const { isHttpOrHttps } = require('../core/url')

const ORIGIN = Symbol.for('undici.globalOrigin.1')

/**
 * @param {string|URL|undefined} origin undefined: relative URLs are refused again
 * @throws {TypeError} not an http or https URL
 */
function setGlobalOrigin (origin) {
  const value = origin === undefined ? undefined : new URL(origin)
  if (value !== undefined && !isHttpOrHttps(value.protocol)) {
    throw new TypeError(`Only http & https urls are allowed, received ${value.protocol}`)
  }
  Object.defineProperty(globalThis, ORIGIN, { value, writable: true, enumerable: false, configurable: false })
}

/** @returns {URL|undefined} what was set last */
function getGlobalOrigin () {
  return globalThis[ORIGIN]
}

module.exports = { setGlobalOrigin, getGlobalOrigin }
