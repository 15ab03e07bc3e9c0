'use strict'

// The classes that come with Node's fetch, WebSocket and EventSource. Each is looked up when it is first asked for:
// Node loads all of its fetch for any of them. What this Node lacks is a class that says so.

const { NotSupportedError } = require('../core/errors')
const { getGlobalDispatcher } = require('../global')
const { withGlobalDispatcher } = require('./stand-in')

// What turns on those that are no part of every Node by default, for the message.
const flags = {
  WebSocket: '--experimental-websocket',
  EventSource: '--experimental-eventsource'
}

function absent (name) {
  const hint = process.allowedNodeEnvironmentFlags.has(flags[name]) ? `; start it with ${flags[name]}` : ''
  const message = `${name} is not available in Node.js ${process.version}${hint}`
  const Class = {
    [name]: class {
      constructor () {
        throw new NotSupportedError(message)
      }
    }
  }[name]
  // Node may well make some for the listeners of others, even if it has no name for them.
  Object.defineProperty(Class, Symbol.hasInstance, {
    value: (instance) => Object.prototype.toString.call(instance) === `[object ${name}]`
  })
  return Class
}

// One whose constructor connects: over our dispatcher, unless its options say another. Everything else is Node's own
// class, `instanceof` included.
function connecting (Own, complete) {
  return new Proxy(Own, {
    construct: (target, values, newTarget) => {
      return withGlobalDispatcher(() => Reflect.construct(target, complete(values), newTarget))
    }
  })
}

// Before Node 26 an EventSource asks for the dispatcher of the process each time it connects again; it gets one to keep.
function withDispatcher ([url, options, ...rest]) {
  if (options == null) {
    return [url, { dispatcher: getGlobalDispatcher() }, ...rest]
  }
  if (typeof options !== 'object' || options.dispatcher !== undefined) {
    return [url, options, ...rest]
  }
  return [url, Object.create(options, { dispatcher: { value: getGlobalDispatcher() } }), ...rest]
}

// Those of them that connect, and what becomes of their arguments.
const connectors = new Map([
  ['WebSocket', (values) => values],
  ['EventSource', (values) => values.length === 0 ? values : withDispatcher(values)]
])

const names = [
  'Headers', 'Request', 'Response', 'FormData', 'File', 'MessageEvent', 'CloseEvent', 'ErrorEvent', 'WebSocket', 'EventSource'
]

const made = new Map()

function make (name) {
  const Own = globalThis[name]
  if (typeof Own !== 'function') {
    return { isAvailable: false, Class: absent(name) }
  }
  return { isAvailable: true, Class: connectors.has(name) ? connecting(Own, connectors.get(name)) : Own }
}

function find (name) {
  if (!made.has(name)) {
    made.set(name, make(name))
  }
  return made.get(name)
}

/** Whether this Node.js has it. */
function isAvailable (name) {
  return find(name).isAvailable
}

/** The class of that name; always the same one. */
function builtin (name) {
  return find(name).Class
}

module.exports = { builtin, isAvailable, names }
