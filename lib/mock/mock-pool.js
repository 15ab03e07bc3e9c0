'use strict'

// A MockPool: a Pool whose requests can be intercepted.

const { Pool } = require('../dispatcher/pool')
const { mocked } = require('./mocked')

class MockPool extends mocked(Pool) {}

module.exports = { MockPool }
