'use strict'

// The path of undici's lib/api/api-upgrade: the function itself.

module.exports = require('../../api/upgrade').upgrade
