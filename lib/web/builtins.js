'use strict'

// The classes that come with Node's fetch, WebSocket and EventSource. Each is looked up when it is first asked for:
// Node loads all of its fetch for any of them. What this Node lacks is ours, or a class that says so.

const { NotSupportedError } = require('../core/errors')
const { getGlobalDispatcher } = require('../global')
const events = require('./events')
const { load, withGlobalDispatcher } = require('./stand-in')
const { understood } = require('./understood-dispatcher')
const webSocket = require('./websocket')

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

// Before Node 26 an EventSource asks for the dispatcher of the process each time it connects again; it gets one to keep.
function withDispatcher ([url, options, ...rest]) {
  if (options == null) {
    return [url, { dispatcher: understood(getGlobalDispatcher()) }, ...rest]
  }
  if (typeof options !== 'object' || options.dispatcher !== undefined) {
    return [url, options, ...rest]
  }
  return [url, Object.create(options, { dispatcher: { value: understood(getGlobalDispatcher()) } }), ...rest]
}

function eventSource (Own) {
  return new Proxy(Own, {
    construct: (target, values, newTarget) => {
      const complete = values.length === 0 ? values : withDispatcher(values)
      return withGlobalDispatcher(() => Reflect.construct(target, complete, newTarget))
    }
  })
}

// Those of them that connect: over our dispatcher, unless their options say another. Everything else is Node's own
// class, `instanceof` included.
const connecting = new Map([
  ['WebSocket', webSocket.overOurs],
  ['EventSource', eventSource]
])

const names = [
  'Headers', 'Request', 'Response', 'FormData', 'File', 'MessageEvent', 'CloseEvent', 'ErrorEvent', 'WebSocket', 'EventSource'
]

const made = new Map()

function make (name) {
  load()
  const Own = globalThis[name]
  if (typeof Own === 'function') {
    return { isAvailable: true, Class: connecting.has(name) ? connecting.get(name)(Own) : Own }
  }
  if (Object.hasOwn(events, name)) {
    return { isAvailable: true, Class: events[name] }
  }
  return { isAvailable: false, Class: absent(name) }
}

function find (name) {
  if (!made.has(name)) {
    made.set(name, make(name))
  }
  return made.get(name)
}

/** Whether it does anything on this Node.js. */
function isAvailable (name) {
  return find(name).isAvailable
}

/** The class of that name; always the same one. */
function builtin (name) {
  return find(name).Class
}

module.exports = { builtin, isAvailable, names }
