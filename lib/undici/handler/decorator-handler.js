'use strict'

// The path of undici's lib/handler/decorator-handler: the class itself.

module.exports = require('../../handler/decorator-handler').DecoratorHandler
