'use strict'

// The path of undici's lib/mock/mock-client: the class itself.

require('../../api/install')

module.exports = require('../../mock/mock-client').MockClient
