'use strict'

// What this room exports of Node's; the classes by getters, because Node loads its fetch as soon as one of them is touched.
// What is ours (cookies, WebSocketStream, …) stands in modules of its own.

const { builtin, names } = require('./builtins')
const { fetch } = require('./fetch')
const { install } = require('./install')
const { getGlobalOrigin, setGlobalOrigin } = require('./origin')
const { ping } = require('./websocket')

module.exports = { fetch, install, getGlobalOrigin, setGlobalOrigin, ping }

for (const name of names) {
  Object.defineProperty(module.exports, name, { enumerable: true, get: () => builtin(name) })
}
