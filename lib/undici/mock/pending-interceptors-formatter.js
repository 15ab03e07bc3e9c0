'use strict'

// The path of undici's lib/mock/pending-interceptors-formatter: the class itself.

module.exports = require('../../mock/pending-interceptors-formatter').PendingInterceptorsFormatter
