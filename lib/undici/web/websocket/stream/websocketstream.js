'use strict'

// The path of undici's lib/web/websocket/stream/websocketstream, with what of it is here.

const { WebSocketStream } = require('../../../../web/websocket-stream')

module.exports = { WebSocketStream }
