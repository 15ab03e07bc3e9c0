'use strict'

// The path of undici's lib/mock/mock-client: the class itself.

module.exports = require('../../mock/mock-client').MockClient
