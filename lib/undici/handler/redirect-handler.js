'use strict'

// The path of undici's lib/handler/redirect-handler: the class itself.

module.exports = require('../../handler/redirect-handler').RedirectHandler
