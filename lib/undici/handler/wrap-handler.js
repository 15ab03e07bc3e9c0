'use strict'

// The path of undici 7's lib/handler/wrap-handler.

const { asSecondGeneration } = require('../../core/generations')

/** `wrap` gives a handler of either generation the methods of the second. */
module.exports = { wrap: asSecondGeneration }
