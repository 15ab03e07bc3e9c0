'use strict'

// The Cache-Control field as an object of directives (RFC 9111 section 5.2). What is malformed never makes a cache keep
// more: a number that is none counts as no freshness, and whatever may be meant as `no-store`, `private` or `no-cache`
// counts as that.

const { isToken } = require('../core/headers')

// RFC 9111 section 1.2.2: a number that is too large is taken for this one.
const MAX_SECONDS = 2 ** 31 - 1

// The directives that forbid something.
const RESTRICTIVE = ['no-store', 'private', 'no-cache']

// How each directive is read; see `readers`. Those that are not here are not for us.
const KINDS = {
  'max-age': 'shortest',
  's-maxage': 'shortest',
  'max-stale': 'shortest',
  'stale-while-revalidate': 'shortest',
  'stale-if-error': 'shortest',
  'min-fresh': 'longest',
  private: 'fieldNames',
  'no-cache': 'fieldNames',
  'no-store': 'always',
  public: 'flag',
  'must-revalidate': 'flag',
  'proxy-revalidate': 'flag',
  immutable: 'flag',
  'no-transform': 'flag',
  'must-understand': 'flag',
  'only-if-cached': 'flag'
}

// What was parsed → the names of the directives in it whose number is none.
const broken = new WeakMap()

const trimStart = (text) => text.replace(/^[\t ]+/, '')
const trim = (text) => trimStart(text).replace(/[\t ]+$/, '')

/** The index of the next quote that is not escaped, or -1. */
function closingQuote (text, from) {
  for (let i = from; i < text.length; i++) {
    if (text[i] === '\\') {
      i++
    } else if (text[i] === '"') {
      return i
    }
  }
  return -1
}

/**
 * The members of the list. Where a quote is never closed, no quote of that member holds anything together, and what stands
 * behind a comma after it may be part of a text (`isDubious`).
 */
function membersOf (field) {
  const members = []
  let start = 0
  for (let i = 0; i < field.length; i++) {
    if (field[i] === ',') {
      members.push({ text: field.slice(start, i), isDubious: false })
      start = i + 1
    } else if (field[i] === '"') {
      const end = closingQuote(field, i + 1)
      if (end === -1) {
        return members.concat(dubiousMembers(field, start, i))
      }
      i = end
    }
  }
  members.push({ text: field.slice(start), isDubious: false })
  return members
}

function dubiousMembers (field, start, quote) {
  let at = start
  return field.slice(start).split(',').map((text) => {
    const isDubious = at > quote
    at += text.length + 1
    return { text, isDubious }
  })
}

// A directive that may be meant to forbid something, by a name with more in it than a name has: `no-store;`, `"private"`.
function meantRestriction (name) {
  const isCut = (one) => name.startsWith(one) && name.length > one.length && !isToken(name[one.length])
  const letters = name.replace(/[^!#$%&'*+\-.^_`|~0-9a-z]/g, '')
  return RESTRICTIVE.find(isCut) ??
    (letters === name ? undefined : RESTRICTIVE.find((one) => one === letters))
}

function secondsOf (value) {
  const digits = /^(?:([0-9]+)|"([0-9]+)")$/.exec(value)
  return digits === null ? undefined : Math.min(parseInt(digits[1] ?? digits[2], 10), MAX_SECONDS)
}

function readSeconds (reading, { name, value, isSpaced, isDubious }, pick) {
  if (isDubious || reading.refused.has(name)) {
    return
  }
  const seconds = value === undefined || isSpaced ? undefined : secondsOf(value)
  const { directives } = reading
  if (seconds === undefined) {
    delete directives[name]
    reading.refused.add(name)
    reading.broken.add(name)
  } else {
    directives[name] = name in directives ? pick(directives[name], seconds) : seconds
  }
}

// The names in a list, or undefined where one of them is none.
function namesIn (value) {
  let list = value
  if (value[0] === '"') {
    const end = closingQuote(value, 1)
    if (end === -1) {
      return undefined
    }
    list = value.slice(1, end)
  } else if (value.includes(',')) {
    return undefined
  }
  const names = list.split(',').map(trim)
  return names.every(isToken) ? names : undefined
}

// Each reads one member of the list into `directives`.
const readers = {
  // Where there are several, the one that lets a response be used less. RFC 9111 section 4.2.1
  shortest: (reading, member) => readSeconds(reading, member, Math.min),
  longest: (reading, member) => readSeconds(reading, member, Math.max),

  always ({ directives }, { name }) {
    directives[name] = true
  },

  flag ({ directives, refused }, { name, value, isDubious }) {
    if (isDubious || refused.has(name)) {
      return
    }
    if (value === undefined) {
      directives[name] = true
    } else {
      delete directives[name]
      refused.add(name)
    }
  },

  // Fields that it is about, or the whole response.
  fieldNames ({ directives }, { name, value, isDubious }) {
    const names = isDubious || !value ? undefined : namesIn(value)
    if (names === undefined || directives[name] === true) {
      directives[name] = true
    } else {
      directives[name] = (directives[name] ?? []).concat(names)
    }
  }
}

/**
 * @param {string|string[]} field
 * @returns {object} directives by name: seconds, names of fields, or true. Whether the number of one was none,
 *   `isBroken` says
 */
function parseCacheControl (field) {
  const reading = { directives: {}, refused: new Set(), broken: new Set() }
  for (const { text, isDubious } of membersOf(Array.isArray(field) ? field.join(',') : field)) {
    const [, left, right] = /^([^=]*)(?:=(.*))?$/s.exec(text.toLowerCase())
    const name = trim(left)
    const restriction = meantRestriction(name)
    if (restriction !== undefined) {
      reading.directives[restriction] = true
    } else if (Object.hasOwn(KINDS, name)) {
      const value = right === undefined ? undefined : trimStart(right)
      // White space around the sign makes it another text for who reads it by the letter.
      const isSpaced = value !== right || (right !== undefined && /[\t ]$/.test(left))
      readers[KINDS[name]](reading, { name, value, isSpaced, isDubious })
    }
  }
  broken.set(reading.directives, reading.broken)
  return reading.directives
}

/** Whether a directive was there with a number that is none, and nothing may be fresh by it. */
function isBroken (directives, name) {
  return broken.get(directives)?.has(name) === true
}

module.exports = { isBroken, parseCacheControl }
