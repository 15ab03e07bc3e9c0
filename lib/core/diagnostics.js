'use strict'

// The diagnostics channels, by the names that tracing tools subscribe to, and the log that
// NODE_DEBUG=undici (or fetch, or websocket) prints from them. Publishing is the business of whoever
// knows the event; only the names and the log live here.

const diagnostics = require('node:diagnostics_channel')
const { debuglog } = require('node:util')

const channels = {
  beforeConnect: diagnostics.channel('undici:client:beforeConnect'),
  connected: diagnostics.channel('undici:client:connected'),
  connectError: diagnostics.channel('undici:client:connectError'),
  sendHeaders: diagnostics.channel('undici:client:sendHeaders'),

  create: diagnostics.channel('undici:request:create'),
  bodySent: diagnostics.channel('undici:request:bodySent'),
  bodyChunkSent: diagnostics.channel('undici:request:bodyChunkSent'),
  bodyChunkReceived: diagnostics.channel('undici:request:bodyChunkReceived'),
  headers: diagnostics.channel('undici:request:headers'),
  trailers: diagnostics.channel('undici:request:trailers'),
  error: diagnostics.channel('undici:request:error'),

  open: diagnostics.channel('undici:websocket:open'),
  close: diagnostics.channel('undici:websocket:close'),
  socketError: diagnostics.channel('undici:websocket:socket_error'),
  ping: diagnostics.channel('undici:websocket:ping'),
  pong: diagnostics.channel('undici:websocket:pong'),

  proxyConnected: diagnostics.channel('undici:proxy:connected')
}

const address = ({ host, port, protocol, version }) => [host, port ? `:${port}` : '', protocol, version]
const target = ({ method, origin, path }) => [method, origin, path]

// What is printed for an event of each channel, as the arguments of a format.
const clientLog = {
  beforeConnect: ({ connectParams }) => ['connecting to %s%s using %s%s', ...address(connectParams)],
  connected: ({ connectParams }) => ['connected to %s%s using %s%s', ...address(connectParams)],
  connectError: ({ connectParams, error }) =>
    ['connection to %s%s using %s%s errored - %s', ...address(connectParams), error.message],
  sendHeaders: ({ request }) => ['sending request to %s %s%s', ...target(request)]
}

const requestLog = {
  headers: ({ request, response }) =>
    ['received response to %s %s%s - HTTP %d', ...target(request), response.statusCode],
  trailers: ({ request }) => ['trailers received from %s %s%s', ...target(request)],
  error: ({ request, error }) => ['request to %s %s%s errored - %s', ...target(request), error.message]
}

const websocketLog = {
  open: ({ address }) => address == null
    ? ['connection opened']
    : ['connection opened %s%s', address.address, address.port ? `:${address.port}` : ''],
  close: ({ websocket, code, reason }) => ['closed connection to %s - %s %s', websocket.url, code, reason],
  socketError: (error) => ['connection errored - %s', error.message],
  ping: () => ['ping received'],
  pong: () => ['pong received']
}

const printed = new Set()

// Node's built-in fetch has the same channels and the same log: when somebody listens already, another
// line per event would only repeat it.
function print (log, debug) {
  const names = Object.keys(log)
  if (printed.has(log)) {
    return
  }
  printed.add(log)
  if (names.some((name) => channels[name].hasSubscribers)) {
    return
  }
  for (const name of names) {
    channels[name].subscribe((event) => debug(...log[name](event)))
  }
}

const undiciDebug = debuglog('undici')
const fetchDebug = debuglog('fetch')
const websocketDebug = debuglog('websocket')

if (undiciDebug.enabled || fetchDebug.enabled) {
  const debug = fetchDebug.enabled ? fetchDebug : undiciDebug
  print(clientLog, debug)
  print(requestLog, debug)
}

if (websocketDebug.enabled) {
  print(clientLog, undiciDebug.enabled ? undiciDebug : websocketDebug)
  print(websocketLog, websocketDebug)
}

module.exports = { channels }
