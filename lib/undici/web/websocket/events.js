'use strict'

// The path of undici's lib/web/websocket/events, with what of it is here; Node.js loads its own when it is asked for.

const web = require('../../../web')

module.exports = {
  get MessageEvent () { return web.MessageEvent },
  get CloseEvent () { return web.CloseEvent },
  get ErrorEvent () { return web.ErrorEvent }
}
