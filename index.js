'use strict'

// The public API: a line per export, no logic.

require('./lib/api/install')

module.exports.Dispatcher = require('./lib/dispatcher/dispatcher').Dispatcher
module.exports.Client = require('./lib/dispatcher/client').Client
module.exports.errors = require('./lib/core/errors')
