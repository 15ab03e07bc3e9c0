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
module.exports.Dispatcher1Wrapper = require('./lib/dispatcher/dispatcher1-wrapper').Dispatcher1Wrapper
module.exports.setGlobalDispatcher = require('./lib/global').setGlobalDispatcher
module.exports.getGlobalDispatcher = require('./lib/global').getGlobalDispatcher
module.exports.request = require('./lib/api/global-calls').request
module.exports.stream = require('./lib/api/global-calls').stream
module.exports.pipeline = require('./lib/api/global-calls').pipeline
module.exports.connect = require('./lib/api/global-calls').connect
module.exports.upgrade = require('./lib/api/global-calls').upgrade
module.exports.errors = require('./lib/core/errors')
