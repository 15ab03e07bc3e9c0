'use strict'

// A MockClient: a Client whose requests can be intercepted.

const { Client } = require('../dispatcher/client')
const { mocked } = require('./mocked')

const MockClient = mocked('MockClient', Client)

module.exports = { MockClient }
