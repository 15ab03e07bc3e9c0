'use strict'

// The public API: a line per export, no logic.

const { Dispatcher } = require('./lib/dispatcher/dispatcher')

require('./lib/api').install(Dispatcher)

module.exports.Dispatcher = Dispatcher
module.exports.Client = require('./lib/dispatcher/client').Client
module.exports.errors = require('./lib/core/errors')
