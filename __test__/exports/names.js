'use strict'

// What a library exports, by name: its functions and objects, those inside its namespaces, and the members of its
// classes, their own and those that they inherit from other classes than Node.js's.

const { EventEmitter } = require('node:events')
const { Readable } = require('node:stream')

// Where a class leaves its library.
const ends = new Set([Object, Function, Error, Event, EventTarget, DOMException, EventEmitter, Readable]
  .flatMap((Class) => [Class, Class.prototype]))

// Those that a class may have for others to find; the symbols of an inside are not.
const known = new Map([
  [Symbol.iterator, '[Symbol.iterator]'],
  [Symbol.asyncIterator, '[Symbol.asyncIterator]'],
  [Symbol.toStringTag, '[Symbol.toStringTag]']
])

const innate = new Set(['constructor', 'length', 'name', 'prototype', 'arguments', 'caller'])

function membersOf (object) {
  const members = new Set()
  for (let at = object; at !== null && !ends.has(at); at = Object.getPrototypeOf(at)) {
    for (const key of Reflect.ownKeys(at)) {
      const name = typeof key === 'symbol' ? known.get(key) : key
      if (name !== undefined && !innate.has(name)) {
        members.add(name)
      }
    }
  }
  return [...members]
}

// Also one behind a Proxy, whose text says nothing.
const isClass = (value) => typeof value === 'function' && value.prototype !== undefined &&
  (Reflect.ownKeys(value.prototype).length > 1 || /^class\b/.test(Function.prototype.toString.call(value)))

function add (names, name, value) {
  names.push(name)
  if (isClass(value)) {
    names.push(...membersOf(value).map((member) => `${name}.${member}`))
    names.push(...membersOf(value.prototype).map((member) => `${name}.prototype.${member}`))
  } else if (value !== null && typeof value === 'object') {
    names.push(...membersOf(Object.getPrototypeOf(value)).map((member) => `${name}.${member}`))
    for (const key of Object.keys(value)) {
      add(names, `${name}.${key}`, value[key])
    }
  }
}

/**
 * @param {object} library
 * @returns {string[]} sorted; `Class.member` is static
 */
function namesOf (library) {
  const names = []
  for (const name of Object.keys(library)) {
    add(names, name, library[name])
  }
  return [...new Set(names)].sort()
}

module.exports = { namesOf }
