'use strict'

// The path of undici's lib/dispatcher/dispatcher: the class itself.

require('../../api/install')

module.exports = require('../../dispatcher/dispatcher').Dispatcher
