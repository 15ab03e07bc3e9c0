'use strict'

// The path of undici's lib/dispatcher/pool-base, with what of it is here.

const { PoolBase } = require('../../dispatcher/pool-base')

module.exports = { PoolBase }
