'use strict'

// The path of undici's lib/web/fetch/response, with what of it is here; Node.js loads its own when it is asked for.

const web = require('../../../web')

module.exports = {
  get Response () { return web.Response }
}
