'use strict'

// The path of undici's lib/dispatcher/pool-base, with what of it is here.

require('../../api/install')

const { PoolBase } = require('../../dispatcher/pool-base')

module.exports = { PoolBase }
