'use strict'

// The path of undici's lib/core/connect: the function itself.

module.exports = require('../../core/connector').buildConnector
