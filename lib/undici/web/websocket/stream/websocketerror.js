'use strict'

// The path of undici's lib/web/websocket/stream/websocketerror, with what of it is here.

const { WebSocketError } = require('../../../../web/websocket-error')

module.exports = { WebSocketError }
