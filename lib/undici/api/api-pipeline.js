'use strict'

// The path of undici's lib/api/api-pipeline: the function itself.

module.exports = require('../../api/pipeline').pipeline
