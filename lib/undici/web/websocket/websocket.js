'use strict'

// The path of undici's lib/web/websocket/websocket, with what of it is here; Node.js loads its own when it is asked for.

const web = require('../../../web')

module.exports = {
  get WebSocket () { return web.WebSocket },
  get ping () { return web.ping }
}
