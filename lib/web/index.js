'use strict'

// What this room exports; the classes by getters, because Node loads its fetch as soon as one of them is touched.

const { builtin, names } = require('./builtins')
const { caches } = require('./cache-storage')
const { fetch } = require('./fetch')
const { FileReader } = require('./file-reader')
const { install } = require('./install')
const { getGlobalOrigin, setGlobalOrigin } = require('./origin')
const { ping } = require('./websocket')
const { WebSocketError } = require('./websocket-error')
const { WebSocketStream } = require('./websocket-stream')

module.exports = {
  caches, fetch, install, FileReader, getGlobalOrigin, setGlobalOrigin, ping, WebSocketError, WebSocketStream
}

for (const name of names) {
  Object.defineProperty(module.exports, name, { enumerable: true, get: () => builtin(name) })
}
