'use strict'

// A MockPool: a Pool whose requests can be intercepted.

const { Pool } = require('../dispatcher/pool')
const { mocked } = require('./mocked')

const MockPool = mocked('MockPool', Pool)

module.exports = { MockPool }
