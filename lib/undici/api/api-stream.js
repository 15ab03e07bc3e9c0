'use strict'

// The path of undici's lib/api/api-stream: the function itself.

module.exports = require('../../api/stream').stream
