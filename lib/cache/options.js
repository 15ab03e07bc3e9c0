'use strict'

// The options of a cache: their defaults, and what is said when one is not of its kind.

const { MemoryCacheStore } = require('./memory-cache-store')
const { SAFE_METHODS } = require('./policy')

const kindOf = (value) => value === null ? 'null' : typeof value

/** @throws {TypeError} where something is no store */
function assertStore (store, name = 'CacheStore') {
  if (typeof store !== 'object' || store === null) {
    throw new TypeError(`expected type of ${name} to be a CacheStore, got ${kindOf(store)}`)
  }
  for (const method of ['get', 'createWriteStream', 'delete']) {
    if (typeof store[method] !== 'function') {
      throw new TypeError(`${name} needs to have a \`${method}()\` function`)
    }
  }
}

/** @throws {TypeError} where a list is not one of safe methods */
function assertMethods (methods, name = 'CacheMethods') {
  if (!Array.isArray(methods)) {
    throw new TypeError(`expected type of ${name} needs to be an array, got ${kindOf(methods)}`)
  }
  if (methods.length === 0) {
    throw new TypeError(`${name} needs to have at least one method`)
  }
  for (const method of methods) {
    if (!SAFE_METHODS.includes(method)) {
      throw new TypeError(`element of ${name}-array needs to be one of following values: ${SAFE_METHODS.join(', ')}, got ${method}`)
    }
  }
}

function assertOrigins (origins, name) {
  if (origins === undefined) {
    return
  }
  if (!Array.isArray(origins)) {
    throw new TypeError(`expected ${name} to be an array or undefined, got ${typeof origins}`)
  }
  origins.forEach((origin, index) => {
    if (typeof origin !== 'string' && !(origin instanceof RegExp)) {
      throw new TypeError(`expected ${name}[${index}] to be a string or RegExp, got ${typeof origin}`)
    }
  })
}

function assertCacheByDefault (value, name) {
  if (value !== undefined && typeof value !== 'number') {
    throw new TypeError(`expected ${name} to be number or undefined, got ${typeof value}`)
  }
}

function assertType (type, name) {
  if (type !== 'shared' && type !== 'private') {
    throw new TypeError(`expected ${name} to be shared, private, or undefined, got ${typeof type}`)
  }
}

// name, default, check
const OPTIONS = [
  ['store', () => new MemoryCacheStore(), assertStore],
  ['methods', () => ['GET'], assertMethods],
  ['origins', () => undefined, assertOrigins],
  ['cacheByDefault', () => undefined, assertCacheByDefault],
  ['type', () => 'shared', assertType]
]

/**
 * The options of a cache, completed.
 *
 * @throws {TypeError} where one is not of its kind
 */
function rulesFrom (given) {
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(`expected type of opts to be an Object, got ${kindOf(given)}`)
  }
  const rules = {}
  for (const [name, byDefault, check] of OPTIONS) {
    rules[name] = given[name] === undefined ? byDefault() : given[name]
    check(rules[name], `opts.${name}`)
  }
  return rules
}

module.exports = { assertMethods, assertStore, rulesFrom }
