'use strict'

// A MockClient: a Client whose requests can be intercepted.

const { Client } = require('../dispatcher/client')
const { mocked } = require('./mocked')

class MockClient extends mocked(Client) {}

module.exports = { MockClient }
