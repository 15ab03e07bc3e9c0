'use strict'

// The events that Node.js 20 and 22 make for others but have no name for. Those of its own are instances of these as
// well; which of the two a program gets is not decided here.

const { assertCount, describe, dictionary, illegalInvocation, integer, scalarString, string } = require('./idl')

const contents = new WeakMap()

function contentOf (event) {
  if (!contents.has(event)) {
    throw illegalInvocation()
  }
  return contents.get(event)
}

function define (name, members) {
  const Class = {
    [name]: class extends Event {
      constructor (type, init = {}) {
        assertCount(`${name} constructor`, arguments, 1)
        const content = dictionary(init, members)
        super(string(type), init)
        contents.set(this, content)
      }
    }
  }[name]
  for (const member of Object.keys(members)) {
    Object.defineProperty(Class.prototype, member, { get () { return contentOf(this)[member] }, configurable: true })
  }
  describe(Class, Object.keys(members))
  Object.defineProperty(Class, Symbol.hasInstance, {
    value: (instance) => Object.prototype.toString.call(instance) === `[object ${name}]`
  })
  return Class
}

const unsigned = (bits) => (value) => Number(BigInt.asUintN(bits, BigInt(integer(value))))

/** Source: the WebSockets standard. */
const CloseEvent = define('CloseEvent', {
  wasClean: [Boolean, false],
  code: [unsigned(16), 0],
  reason: [scalarString, '']
})

/** Source: the HTML standard. */
const ErrorEvent = define('ErrorEvent', {
  message: [string, ''],
  filename: [scalarString, ''],
  lineno: [unsigned(32), 0],
  colno: [unsigned(32), 0],
  error: [(value) => value]
})

module.exports = { CloseEvent, ErrorEvent }
