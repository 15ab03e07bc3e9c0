'use strict'

// What Web IDL (https://webidl.spec.whatwg.org) makes of the arguments of the classes and functions of this room. No
// class is known here.

/** First their number is checked, then what they are. */
function assertCount (name, values, count) {
  if (values.length < count) {
    const found = values.length === 0 ? '0' : `only ${values.length}`
    throw new TypeError(`${name}: ${count} argument${count === 1 ? '' : 's'} required, but ${found} found.`)
  }
}

/** What something is that is not of the class it has to be of; Node.js gives it a code. */
function illegalInvocation () {
  return Object.assign(new TypeError('Illegal invocation'), { code: 'ERR_INVALID_THIS' })
}

const string = (value) => {
  if (typeof value === 'symbol') {
    throw new TypeError('a symbol is no string')
  }
  return `${value}`
}

/** A string without lone surrogates. */
const scalarString = (value) => string(value).toWellFormed()

const integer = (value) => {
  const number = Math.trunc(Number(value))
  return Number.isFinite(number) ? number + 0 : 0
}

/** An integer that is not clipped to its range but refused. */
const integerUpTo = (limit) => (value) => {
  const number = Math.trunc(Number(value))
  if (!(number >= 0 && number <= limit)) {
    throw new TypeError(`${string(value)} is no integer from 0 to ${limit}`)
  }
  return number + 0
}

function strings (value) {
  if (value === null || typeof value !== 'object' || typeof value[Symbol.iterator] !== 'function') {
    throw new TypeError('Expected a sequence of strings')
  }
  return Array.from(value, string)
}

/**
 * @param {object|undefined|null} given
 * @param {Record<string, [convert: Function, fallback?: any]>} members what each is made into where it is given, and what
 *   it is where it is not
 */
function dictionary (given, members) {
  if (given != null && typeof given !== 'object' && typeof given !== 'function') {
    throw new TypeError(`${string(given)} is no object`)
  }
  const result = {}
  for (const [name, [convert, fallback]] of Object.entries(members)) {
    const value = given?.[name]
    result[name] = value === undefined ? fallback : convert(value)
  }
  return result
}

/** Has the members of a class be seen as those of the platform's are. */
function describe (Class, names) {
  for (const name of names) {
    Object.defineProperty(Class.prototype, name, { enumerable: true })
  }
  Object.defineProperty(Class.prototype, Symbol.toStringTag, { value: Class.name, configurable: true })
}

module.exports = { assertCount, illegalInvocation, string, scalarString, integer, integerUpTo, strings, dictionary, describe }
