'use strict'

// The public API: a line per export, no logic.

require('./lib/api/install')

module.exports.Dispatcher = require('./lib/dispatcher/dispatcher').Dispatcher
module.exports.Client = require('./lib/dispatcher/client').Client
module.exports.Pool = require('./lib/dispatcher/pool').Pool
module.exports.BalancedPool = require('./lib/dispatcher/balanced-pool').BalancedPool
module.exports.RoundRobinPool = require('./lib/dispatcher/round-robin-pool').RoundRobinPool
module.exports.Agent = require('./lib/dispatcher/agent').Agent
module.exports.buildConnector = require('./lib/core/connector').buildConnector
module.exports.errors = require('./lib/core/errors')
