'use strict'

// The path of undici's lib/dispatcher/dispatcher: the class itself.

module.exports = require('../../dispatcher/dispatcher').Dispatcher
