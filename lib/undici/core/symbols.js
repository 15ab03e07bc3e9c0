'use strict'

// The path of undici's lib/core/symbols, with those under which our dispatchers have something.

const { showFigures, ...symbols } = require('../../core/symbols')

module.exports = symbols
